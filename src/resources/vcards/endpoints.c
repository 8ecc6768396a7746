/* vCards that accounts keep on the server (accounts-api II.12). */
#include "http/ctx.h"
#include "resources/accounts/account.h"
#include "resources/vcards/vcards.h"
#include "service/caller.h"
#include "service/refusal.h"

static const struct field vcard_input_fields[] = {
	FIELD_TEXT(stored_vcard, vcard, .flags = FIELD_REQUIRED | FIELD_LINES,
		.doc = "Version 3.0 or 4.0, with FN and UID"),
	FIELDS_END,
};
static const struct shape vcard_input_shape = { "VcardInput", vcard_input_fields,
	sizeof(struct stored_vcard) };

static const char *text_of(const struct ctx *c)
{
	const struct stored_vcard *in = c->in;

	return in->vcard;
}

static int64_t account_of(const struct ctx *c)
{
	const struct account *a = c->subject;

	return a->id;
}

static enum err my_vcard_add(struct ctx *c)
{
	return vcard_add(c->service, c->caller->identity.account_id, text_of(c), c->out);
}

static enum err account_vcard_add(struct ctx *c)
{
	return vcard_add(c->service, account_of(c), text_of(c), c->out);
}

/* As they were stored, one behind the other: each ends with a LF. */
static enum err my_vcard_texts(struct ctx *c)
{
	const struct rows *rows = c->read[0];
	struct buf all;
	const struct stored_vcard *v = rows->items;

	buf_init(&all, VCARDS_MAX_BYTES);
	for (size_t i = 0; i < rows->n; i++)
		buf_add_str(&all, v[i].vcard);
	*(const char **)c->out = arena_strndup(c->arena, all.n ? all.p : "", all.n);
	buf_finish(&all);
	return ERR_OK;
}

static enum err my_vcard_text(struct ctx *c)
{
	const struct stored_vcard *v = c->subject;

	*(const char **)c->out = v->vcard;
	return ERR_OK;
}

static enum err vcard_show(struct ctx *c)
{
	*(struct stored_vcard *)c->out = *(const struct stored_vcard *)c->subject;
	return ERR_OK;
}

static enum err vcard_change(struct ctx *c)
{
	return vcard_replace(c->service, c->subject, text_of(c), c->out);
}

static enum err vcard_remove(struct ctx *c)
{
	*(int64_t *)c->out = 1;
	return vcard_delete(c->service, c->subject);
}

#define MINE    .auth = AUTH_USER, .tag = "vCards", .open_to = OPEN_PHONE
#define ADMIN   .auth = AUTH_ADMIN, .tag = "vCards"
#define OWN     .subject = &vcard_own
#define ACCOUNT .subject = &account_subject
#define ONE     .subject = &vcard_of_account
#define VCARD   .out = &stored_vcard_shape
#define TEXT    .result = RESULT_TEXT, .media = "text/vcard"
#define INPUT   .writes = true, .in = &vcard_input_shape, .body_max = VCARD_BODY_MAX
#define ADD     .status = 201, .flags = ROW_AT_ONCE, .refusals = { &vcard_known, &limit_reached }
#define REPLACE .refusals = { &limit_reached }
#define EXAMPLE                                                           \
	.example = "{\"vcard\":\"BEGIN:VCARD\\nVERSION:4.0\\nFN:Simon\\n" \
		   "UID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1\\nEND:VCARD\\n\"}"

const struct endpoint vcards_endpoints[] = {
	{ GET("/api/accounts/me/vcards-storage"), MINE, VCARD, .result = RESULT_MAP,

		.reads = { &vcards_own }, HANDLE_AS(reply_read, "my_vcards"),
		.summary = "Read the vCards of the account that calls, by UID" },
	{ POST("/api/accounts/me/vcards-storage"), MINE, VCARD, INPUT, ADD, HANDLE(my_vcard_add),
		.summary = "Store a vCard", EXAMPLE },
	{ GET("/api/accounts/me/vcards-storage/{uuid}"), MINE, OWN, VCARD,
		HANDLE_AS(vcard_show, "my_vcard_show"), .summary = "Read one vCard" },
	{ PUT("/api/accounts/me/vcards-storage/{uuid}"), MINE, OWN, VCARD, INPUT, REPLACE,
		HANDLE_AS(vcard_change, "my_vcard_change"),
		.summary = "Replace a vCard by one of the same UID", EXAMPLE },
	{ DELETE("/api/accounts/me/vcards-storage/{uuid}"), MINE, OWN, .writes = true,
		.flags = ROW_AT_ONCE, .result = RESULT_COUNT,
		HANDLE_AS(vcard_remove, "my_vcard_remove"), .summary = "Delete a vCard" },
	{ GET("/vcards-storage"), MINE, TEXT, .reads = { &vcards_own }, HANDLE(my_vcard_texts),
		.summary = "The vCards of the account that calls, as phones read them" },
	{ GET("/vcards-storage/{uuid}"), MINE, OWN, TEXT, HANDLE(my_vcard_text),
		.summary = "One vCard of the account that calls, as phones read it" },
	{ GET("/api/accounts/{id}/vcards-storage"), ADMIN, ACCOUNT, VCARD, .result = RESULT_MAP,

		.reads = { &vcards_of_account }, HANDLE_AS(reply_read, "account_vcards"),
		.summary = "Read the vCards of an account, by UID" },
	{ POST("/api/accounts/{id}/vcards-storage"), ADMIN, ACCOUNT, VCARD, INPUT, ADD,
		HANDLE(account_vcard_add), .summary = "Store a vCard for an account", EXAMPLE },
	{ GET("/api/accounts/{id}/vcards-storage/{uuid}"), ADMIN, ONE, VCARD, HANDLE(vcard_show),
		.summary = "Read one vCard of an account" },
	{ PUT("/api/accounts/{id}/vcards-storage/{uuid}"), ADMIN, ONE, VCARD, INPUT, REPLACE,
		HANDLE(vcard_change),
		.summary = "Replace a vCard of an account by one of the same UID", EXAMPLE },
	{ DELETE("/api/accounts/{id}/vcards-storage/{uuid}"), ADMIN, ONE, .writes = true,
		.flags = ROW_AT_ONCE, .result = RESULT_COUNT, HANDLE(vcard_remove),
		.summary = "Delete a vCard of an account" },
	ENDPOINTS_END,
};
