/* Call forwardings, of the caller and of any account (accounts-api II.10). */
#include "base/sip_uri.h"
#include "http/ctx.h"
#include "resources/accounts/account.h"
#include "resources/call_forwardings/call_forwarding.h"
#include "service/caller.h"

static const char *const types[] = { "always", "no_answer", "busy", "away", NULL };
static const char *const targets[] = { "sip_uri", "contact", "voicemail", NULL };

static const struct field input_fields[] = {
	FIELD_TEXT(call_forwarding_input, type, .flags = FIELD_REQUIRED, .one_of = types,
		.doc = "When; away is the older name of no_answer. It is not changed",
		.example = "no_answer"),
	FIELD_TEXT(call_forwarding_input, forward_to, .flags = FIELD_REQUIRED, .one_of = targets,
		.doc = "Where to", .example = "sip_uri"),
	FIELD_TEXT(call_forwarding_input, sip_uri, .max = CALL_FORWARDING_URI_MAX,
		.check = sip_uri_check, .doc = "Required for sip_uri",
		.example = "sip:bob@sip.example.org"),
	FIELD_INT(call_forwarding_input, contact_id, .min = 1,
		.doc = "Required for contact: one of the account's contacts"),
	FIELD_TRI(call_forwarding_input, enabled, .flags = FIELD_REQUIRED,
		.doc = "always is enabled alone, without no_answer and busy", .example = "true"),
	FIELDS_END,
};
static const struct shape input_shape = { "CallForwardingInput", input_fields,
	sizeof(struct call_forwarding_input) };

/* A missing one is none removed, and no failure. */
struct forwarding_path {
	int64_t fid;
};
static const struct field path_fields[] = {
	FIELD_INT(forwarding_path, fid, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1,
		.doc = "Identifier of the call forwarding"),
	FIELDS_END,
};
static const struct shape path_shape = { "ByCallForwarding", path_fields,
	sizeof(struct forwarding_path) };

static int64_t my_id(const struct ctx *c)
{
	return c->caller->identity.account_id;
}

static int64_t account_id(const struct ctx *c)
{
	return ((const struct account *)c->subject)->id;
}

static enum err my_call_forwarding_add(struct ctx *c)
{
	return call_forwarding_create(c->service, my_id(c), c->in, c->out);
}

static enum err call_forwarding_add(struct ctx *c)
{
	return call_forwarding_create(c->service, account_id(c), c->in, c->out);
}

static enum err call_forwarding_show(struct ctx *c)
{
	*(struct call_forwarding *)c->out = *(const struct call_forwarding *)c->subject;
	return ERR_OK;
}

static enum err call_forwarding_change(struct ctx *c)
{
	return call_forwarding_update(c->service, c->subject, c->in, c->out);
}

static enum err removed(struct ctx *c, int64_t account)
{
	const struct forwarding_path *in = c->in;

	return call_forwarding_delete(c->service, account, in->fid, c->out);
}

static enum err my_call_forwarding_remove(struct ctx *c)
{
	return removed(c, my_id(c));
}

static enum err call_forwarding_remove(struct ctx *c)
{
	return removed(c, account_id(c));
}

#define MINE       .auth = AUTH_USER, .tag = "My account"
#define FORWARDING .out = &call_forwarding_shape
#define ADMINS     .auth = AUTH_ADMIN, .tag = "Call forwardings"
#define MY_ONE     MINE, .subject = &call_forwarding_own
#define ONE        ADMINS, .subject = &call_forwarding_subject
#define INPUT      FORWARDING, .writes = true, .in = &input_shape
#define EXAMPLE                                                                 \
	.example = "{\"type\":\"busy\",\"forward_to\":\"sip_uri\",\"sip_uri\":" \
		   "\"sip:bob@sip.example.org\",\"enabled\":true}"
#define COUNT .writes = true, .in = &path_shape, .result = RESULT_COUNT

const struct endpoint call_forwardings_endpoints[] = {
	{ GET("/api/accounts/me/call_forwardings"), MINE, FORWARDING, .result = RESULT_LIST,
		.reads = { &call_forwardings_own }, HANDLE_AS(reply_read, "my_call_forwardings"),
		.summary =
			"List the call forwardings of the account that calls, the newest first" },
	{ POST("/api/accounts/me/call_forwardings"), MINE, INPUT, .status = 201,
		HANDLE(my_call_forwarding_add), .summary = "Send calls of one's own elsewhere",
		EXAMPLE },
	{ GET("/api/accounts/me/call_forwardings/{fid}"), MY_ONE, FORWARDING,
		HANDLE_AS(call_forwarding_show, "my_call_forwarding_show"),
		.summary = "Read one of them" },
	{ PUT("/api/accounts/me/call_forwardings/{fid}"), MY_ONE, INPUT,
		HANDLE_AS(call_forwarding_change, "my_call_forwarding_change"),
		.summary = "Replace one of them; its type stays", EXAMPLE },
	{ DELETE("/api/accounts/me/call_forwardings/{fid}"), MINE, COUNT,
		HANDLE(my_call_forwarding_remove), .summary = "Delete one of them" },
	{ GET("/api/accounts/{id}/call_forwardings"), ADMINS, .subject = &account_subject,
		FORWARDING, .result = RESULT_LIST, .reads = { &call_forwardings_of_account },
		HANDLE_AS(reply_read, "call_forwardings_list"),
		.summary = "List the call forwardings of an account, the newest first" },
	{ POST("/api/accounts/{id}/call_forwardings"), ADMINS, .subject = &account_subject, INPUT,
		.status = 201, HANDLE(call_forwarding_add),
		.summary = "Send calls of an account elsewhere", EXAMPLE },
	{ GET("/api/accounts/{id}/call_forwardings/{fid}"), ONE, FORWARDING,
		HANDLE(call_forwarding_show), .summary = "Read one of them" },
	{ PUT("/api/accounts/{id}/call_forwardings/{fid}"), ONE, INPUT,
		HANDLE(call_forwarding_change), .summary = "Replace one of them; its type stays",
		EXAMPLE },
	{ DELETE("/api/accounts/{id}/call_forwardings/{fid}"), ADMINS, .subject = &account_subject,
		COUNT, HANDLE(call_forwarding_remove), .summary = "Delete one of them" },
	ENDPOINTS_END,
};
