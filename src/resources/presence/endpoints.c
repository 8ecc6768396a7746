/* Where a user can be reached now, when busy, and when unavailable (cti-api 4.2). */
#include "http/ctx.h"
#include "service/caller.h"
#include "service/service.h"

#include "base/json_schema.h"
#include "base/json_writer.h"
#include "resources/cti_users/cti_user.h"
#include "resources/presence/presence.h"
#include "resources/profiles/profile.h"

#define STATUS_MAX 32

static const struct field presence_fields[] = {
	FIELD_TEXT(presence_choice, status, .flags = FIELD_REQUIRED, .max = STATUS_MAX,
		.doc = "online, dnd, voicemail, cellphone or callforward", .example = "online"),
	FIELD_TEXT(presence_choice, to, .flags = FIELD_OMIT_NULL | FIELD_DIGITS,
		.max = PRESENCE_TARGET_MAX, .doc = "Number calls go to, of callforward",
		.example = "202"),
	FIELDS_END,
};
static const struct shape presence_shape = { "Presence", presence_fields,
	sizeof(struct presence_choice) };
static const struct shape choice_shape = { "PresenceChoice", presence_fields,
	sizeof(struct presence_choice) };

static enum err show(struct ctx *c, enum presence_kind kind)
{
	const struct cti_user *u = c->read[0];

	if (!u)
		return ERR_NOT_FOUND;
	*(struct presence_choice *)c->out = presence_of(u, kind);
	return ERR_OK;
}

static enum err choose(struct ctx *c, enum presence_kind kind)
{
	return presence_choose(c->service, c->caller->identity.account_id, kind, c->in);
}

static enum err list(struct ctx *c, enum presence_kind kind)
{
	const char *choices[PRESENCES_MAX];
	const struct cti_user *u = c->read[0];

	if (!u)
		return ERR_NOT_FOUND;
	size_t n = presence_choices(u, kind, choices);

	json_array_begin(c->out);
	for (size_t i = 0; i < n; i++)
		json_text(c->out, choices[i]);
	json_array_end(c->out);
	return ERR_OK;
}

/* Three handlers and three rows for each of the three situations. */
#define PRESENCE_HANDLERS(name, kind)                          \
	static enum err presence_show_##name(struct ctx *c)    \
	{                                                      \
		return show(c, kind);                          \
	}                                                      \
	static enum err presence_choose_##name(struct ctx *c)  \
	{                                                      \
		return choose(c, kind);                        \
	}                                                      \
	static enum err presence_choices_##name(struct ctx *c) \
	{                                                      \
		return list(c, kind);                          \
	}

PRESENCE_HANDLERS(now, PRESENCE_NOW)
PRESENCE_HANDLERS(on_busy, PRESENCE_ON_BUSY)
PRESENCE_HANDLERS(on_unavailable, PRESENCE_ON_UNAVAILABLE)

#define USER                                                        \
	.auth = AUTH_USER, .family = FAMILY_CTI, .tag = "CTI user", \
	.open_to = OPEN_PROGRAM | OPEN_HMAC

/* clang-format off */
#define PRESENCE_ROWS(suffix, which, when)                                                          \
	{ GET("/api/user/presence" suffix), USER, .out = &presence_shape,                           \
		.reads = { &cti_user_own }, HANDLE(presence_show_##which), .summary = "Read where the caller is reached " when }, \
	{ POST("/api/user/presence" suffix), USER, .writes = true, .untold = "it changes with each break",  .in = &choice_shape,             \
		.refusals = { &capability_missing }, .invalid_as = &err_table[ERR_BAD_REQUEST].told,                \
		HANDLE(presence_choose_##which),                                                    \
		.summary = "Choose where the caller is reached " when,                              \
		.example = "{\"status\":\"online\"}" },                                             \
	{ GET("/api/user/presencelist" suffix), USER, .result = RESULT_ARRAY,                       \
		.schema = SCHEMA_LIST(SCHEMA_TEXT),                                                 \
		.reads = { &cti_user_own }, HANDLE(presence_choices_##which), .summary = "List what the caller may choose " when }
/* clang-format on */

const struct endpoint presence_endpoints[] = {
	PRESENCE_ROWS("", now, "now"),
	PRESENCE_ROWS("_onbusy", on_busy, "when busy"),
	PRESENCE_ROWS("_onunavailable", on_unavailable, "when unavailable"),
	ENDPOINTS_END,
};
