/* The page on which people choose a new password, with the link of a mail (accounts-api II.8, II.20). */
#include "http/ctx.h"
#include "http/page.h"
#include "resources/passwords/password.h"

static const struct text text_title = { "page_reset", "Choose a new password" };
static const struct text text_why = { "page_reset_why",
	"All devices that are logged in with the old one have to log in again." };
static const struct text text_password = { "page_reset_password", "New password" };
static const struct text text_again = { "page_reset_again", "The same once more" };
static const struct text text_button = { "page_reset_button", "Change the password" };
static const struct text text_done = { "page_reset_done", "Your password is changed" };
static const struct text text_then = { "page_reset_then", "You can close this page and log in." };

struct reset_path {
	const char *token;
};
static const struct field path_fields[] = {
	FIELD_TEXT(reset_path, token, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED | FIELD_SECRET,
		.max = 64, .doc = "Of the mail", .example = "Qm5sKUg0bT2rYx9d"),
	FIELDS_END,
};
static const struct shape path_shape = { "ByPasswordLink", path_fields, sizeof(struct reset_path) };

static const struct field reset_fields[] = {
	FIELD_TEXT(password_reset, token, .flags = FIELD_REQUIRED | FIELD_SECRET, .max = 64,
		.doc = "Of the link"),
	FIELD_TEXT(password_reset, password, .flags = FIELD_REQUIRED | FIELD_SECRET | FIELD_RAW,
		.max = ACCOUNT_PASSWORD_MAX, .doc = "The new one"),
	FIELD_TEXT_AS(password_reset, confirmation, "password_confirmation",
		.flags = FIELD_REQUIRED | FIELD_SECRET | FIELD_RAW, .max = ACCOUNT_PASSWORD_MAX,
		.doc = "The same"),
	FIELDS_END,
};
static const struct shape reset_shape = { "PasswordReset", reset_fields,
	sizeof(struct password_reset) };

static enum err password_reset_page(struct ctx *c)
{
	const struct reset_path *in = c->in;
	enum err e = password_reset_check(c->service, c->caller->space, in->token);
	const struct page_input inputs[] = {
		{ "password", page_words(c, &text_password), "password", "new-password" },
		{ "password_confirmation", page_words(c, &text_again), "password", "new-password" },
		{ NULL },
	};
	/* Beside the page's own address, whatever proxies in front put before it. */
	const struct page_form form = { .action = "../reset_password",
		.name = "token",
		.value = in->token,
		.button = page_words(c, &text_button),
		.inputs = inputs };

	return e == ERR_OK ? page_show(c, &text_title, &text_why, &form) : e;
}

static enum err password_reset_press(struct ctx *c)
{
	enum err e = password_reset(c->service, c->caller->space, c->in);

	return e == ERR_OK ? page_show(c, &text_done, &text_then, NULL) : e;
}

#define PAGE                                                             \
	.auth = AUTH_PUBLIC, .tag = "My account", .result = RESULT_HTML, \
	.refusals = { &password_link_over, &password_link_no_digest }

const struct endpoint passwords_reset_endpoints[] = {
	{ GET("/reset_password/{token}"), PAGE, .exchanges = 2, .in = &path_shape,
		HANDLE(password_reset_page),
		.summary = "Page on which people choose a new password, with the link of a mail" },
	{ POST("/reset_password"), PAGE, .writes = true,
		.flags = ROW_TOKENS | ROW_FORM | ROW_BODY_ONLY, .in = &reset_shape,
		HANDLE(password_reset_press),
		.summary = "The button of that page; sessions and API keys end",
		.example = "{\"token\":\"Qm5sKUg0bT2rYx9d\",\"password\":\"battery staple\","
			   "\"password_confirmation\":\"battery staple\"}" },
	ENDPOINTS_END,
};
