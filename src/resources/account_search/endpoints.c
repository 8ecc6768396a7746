/* Finding an account by an address of it, as SIP servers do (accounts-api I.7, II.15). */
#include "base/json_writer.h"
#include "http/ctx.h"
#include "resources/account_search/account_search.h"

#define PAYLOAD_MAX ((size_t)1 << 20)

static enum err account_found(struct ctx *c)
{
	*(struct found_account *)c->out = *(const struct found_account *)c->subject;
	return ERR_OK;
}

static enum err address_resolve(struct ctx *c)
{
	struct resolved *out = c->out;

	out->type = "account";
	out->payload = json_fields_text(
		c->arena, found_account_fields, c->subject, READER_ADMIN, PAYLOAD_MAX);
	return out->payload ? ERR_OK : ERR_INTERNAL;
}

#define FIND  .auth = AUTH_ADMIN, .tag = "Accounts"
#define FOUND .out = &found_account_shape, .reader = READER_ADMIN

const struct endpoint account_search_endpoints[] = {
	{ GET("/api/accounts/{sip}/search"), FIND, .subject = &found_account_by_sip, FOUND,
		HANDLE_AS(account_found, "account_search"),
		.summary = "Find an account by its SIP address" },
	{ GET("/api/accounts/{email}/search-by-email"), FIND, .subject = &found_account_by_email,
		FOUND, HANDLE_AS(account_found, "account_search_by_email"),
		.summary = "Find an account by its e-mail address" },
	{ GET("/api/resolve/{sip}"), FIND, .subject = &found_account_by_sip, .out = &resolved_shape,
		HANDLE(address_resolve), .summary = "Tell what a SIP address of the space is" },
	ENDPOINTS_END,
};
