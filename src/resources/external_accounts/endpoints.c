/* The account at another provider, set by administrators (accounts-api II.9). */
#include "base/syntax.h"
#include "http/ctx.h"
#include "resources/accounts/account.h"
#include "resources/external_accounts/external_account.h"

static const struct text *host_or_address_check(struct str s)
{
	return domain_check(s) && address_check(s) ? &text_format : NULL;
}

static const char *const protocols[] = { "UDP", "TCP", "TLS", NULL };

static const struct field input_fields[] = {
	FIELD_TEXT(external_input, username, .flags = FIELD_REQUIRED | FIELD_NFC,
		.max = EXTERNAL_USERNAME_MAX, .doc = "Name at the provider", .example = "alice"),
	FIELD_TEXT(external_input, domain, .flags = FIELD_REQUIRED | FIELD_DOMAIN,
		.max = EXTERNAL_HOST_MAX, .check = host_or_address_check,
		.doc = "Domain of the provider, or its address", .example = "sip.provider.example"),
	FIELD_TEXT(external_input, realm, .max = EXTERNAL_TEXT_MAX,
		.doc = "DIGEST realm where it is not the domain"),
	FIELD_TEXT(external_input, registrar, .max = EXTERNAL_TEXT_MAX,
		.doc = "Where it registers, if not at the domain"),
	FIELD_TEXT(external_input, outbound_proxy, .max = EXTERNAL_TEXT_MAX,
		.doc = "What its calls go through"),
	FIELD_TEXT(external_input, protocol, .flags = FIELD_REQUIRED, .one_of = protocols,
		.doc = "How the provider is reached", .example = "TLS"),
	FIELD_TEXT(external_input, password, .flags = FIELD_SECRET | FIELD_RAW,
		.max = ACCOUNT_PASSWORD_MAX,
		.doc = "Of a new one, and whenever user name or realm (else domain) change"),
	FIELDS_END,
};
static const struct shape input_shape = { "ExternalAccountInput", input_fields,
	sizeof(struct external_input) };

static enum err external_account_show(struct ctx *c)
{
	*(struct external_account *)c->out = *(const struct external_account *)c->subject;
	return ERR_OK;
}

static enum err external_account_set(struct ctx *c)
{
	struct external_account *out = c->out;
	enum err e = external_account_put(c->service, c->subject, c->in, out);

	c->reply.status = out->is_new ? 201 : 200;
	return e;
}

static enum err external_account_remove(struct ctx *c)
{
	*(int64_t *)c->out = 1;
	return external_account_delete(c->service, c->subject);
}

#define EXTERNAL .auth = AUTH_ADMIN, .tag = "External accounts"
#define OUT      .out = &external_account_shape

const struct endpoint external_accounts_endpoints[] = {
	{ GET("/api/accounts/{id}/external"), EXTERNAL, OUT, .subject = &external_account_subject,
		HANDLE(external_account_show),
		.summary = "Read the account at another provider; its password is not told" },
	{ POST("/api/accounts/{id}/external"), EXTERNAL, OUT, .subject = &account_subject,
		.writes = true, .in = &input_shape, .status = 201, .or_status = 200,
		HANDLE(external_account_set),
		.summary = "Make it (201) or replace it (200); the password may stay",
		.example = "{\"username\":\"alice\",\"domain\":\"sip.provider.example\","
			   "\"protocol\":\"TLS\",\"password\":\"correct horse\"}" },
	{ DELETE("/api/accounts/{id}/external"), EXTERNAL, .subject = &external_account_subject,
		.writes = true, .result = RESULT_COUNT, HANDLE(external_account_remove),
		.summary = "Remove it" },
	ENDPOINTS_END,
};
