/* The page on which a person confirms a request token (accounts-api I.2, II.20). */
#include "http/ctx.h"
#include "http/page.h"
#include "service/caller.h"
#include "service/service.h"

#include "resources/creation_tokens/creation_token.h"

#define TOKEN_FIELD "account_creation_request_token"

static const struct text text_confirm = { "page_confirm", "Confirm" };
static const struct text text_confirm_why = { "page_confirm_why",
	"An application wants to create an account for you. Confirm it, then go back to the "
	"application." };
static const struct text text_confirmed = { "page_confirmed", "Confirmed" };
static const struct text text_confirmed_then = { "page_confirmed_then",
	"You can close this page and go back to the application." };

struct validation {
	const char *token;
};
static const struct field validation_fields[] = {
	FIELD_TEXT_AS(validation, token, TOKEN_FIELD, .flags = FIELD_SECRET,
		.doc = "Of the page; anything else is not found"),
	FIELDS_END,
};
static const struct shape validation_shape = { "AccountCreationValidation", validation_fields,
	sizeof(struct validation) };

static enum err show_done(struct ctx *c)
{
	return page_show(c, &text_confirmed, &text_confirmed_then, NULL);
}

/* Beside the page's own address, whatever proxies in front put before it. */
static enum err creation_token_page(struct ctx *c)
{
	const struct request_token_found *found = c->subject;
	const struct request *r = c->request;
	struct str token = r->segment[r->segments - 1];
	const struct page_form form = { .action = "../validate",
		.name = TOKEN_FIELD,
		.value = arena_strndup(c->arena, token.p, token.n),
		.button = page_words(c, &text_confirm) };

	return found->validated ? show_done(c)
				: page_show(c, &text_confirm, &text_confirm_why, &form);
}

static enum err creation_token_validate(struct ctx *c)
{
	const struct validation *in = c->in;
	enum err e =
		in->token ? request_token_validate(c->service, c->caller->space->domain, in->token)
			  : ERR_NOT_FOUND;

	return e == ERR_OK ? show_done(c) : e;
}

#define PAGE .auth = AUTH_PUBLIC, .tag = "Account creation", .result = RESULT_HTML

const struct endpoint creation_tokens_page_endpoints[] = {
	{ GET("/creation_token/check/{token}"), PAGE, .subject = &request_token_open,
		HANDLE(creation_token_page),
		.summary = "Page on which a person confirms a request token" },
	{ POST("/creation_token/validate"), PAGE, .writes = true,
		.untold = "a step towards an account, whose making is told",
		.flags = ROW_TOKENS | ROW_FORM | ROW_BODY_ONLY | ROW_ON_BAD_FIELDS,
		.in = &validation_shape, HANDLE(creation_token_validate),
		.summary = "The button of that page",
		.example = "{\"account_creation_request_token\":\"laMqjCUHqnkVp\"}" },
	ENDPOINTS_END,
};
