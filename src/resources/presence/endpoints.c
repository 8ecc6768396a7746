/* Where a user can be reached now, when busy, and when unavailable (cti-api 4.2). */
#include "http/ctx.h"
#include "service/caller.h"
#include "service/service.h"

#include "base/json_writer.h"
#include "resources/cti_users/cti_user.h"
#include "resources/presence/presence.h"

#define STATUS_MAX 32
#define TARGET_MAX 64

static const struct field presence_fields[] = {
	FIELD_TEXT(presence_choice, status, .flags = FIELD_REQUIRED, .max = STATUS_MAX,
		.doc = "online, dnd, voicemail, cellphone or callforward", .example = "online"),
	FIELD_TEXT(presence_choice, to, .flags = FIELD_OMIT_NULL | FIELD_DIGITS, .max = TARGET_MAX,
		.doc = "Number calls go to, of callforward", .example = "202"),
	FIELDS_END,
};
static const struct shape presence_shape = { "Presence", presence_fields,
	sizeof(struct presence_choice) };
static const struct shape choice_shape = { "PresenceChoice", presence_fields,
	sizeof(struct presence_choice) };

static enum err show(struct ctx *c, enum presence_kind kind)
{
	struct cti_user u;
	enum err e = cti_user_get(c->service, c->caller->identity.account_id, &u);

	if (e != ERR_OK)
		return e;
	struct presence_choice chosen = presence_of(&u, kind);

	return reply_object(c, &chosen);
}

static enum err choose(struct ctx *c, enum presence_kind kind, const void *input)
{
	enum err e = presence_choose(c->service, c->caller->identity.account_id, kind, input);

	return e == ERR_OK ? reply_nothing(c) : e;
}

static enum err list(struct ctx *c, enum presence_kind kind)
{
	const char *choices[PRESENCES_MAX];
	struct json_writer w;
	struct cti_user u;
	enum err e = cti_user_get(c->service, c->caller->identity.account_id, &u);

	if (e != ERR_OK)
		return e;
	size_t n = presence_choices(&u, kind, choices);

	json_writer_init(&w, c->reply.body);
	json_array_begin(&w);
	for (size_t i = 0; i < n; i++)
		json_text(&w, choices[i]);
	json_array_end(&w);
	return reply_json(c, STR(""));
}

/* Three handlers and three rows for each of the three situations. */
#define PRESENCE_HANDLERS(name, kind)                                   \
	static enum err show_##name(struct ctx *c, const void *input)   \
	{                                                               \
		(void)input;                                            \
		return show(c, kind);                                   \
	}                                                               \
	static enum err choose_##name(struct ctx *c, const void *input) \
	{                                                               \
		return choose(c, kind, input);                          \
	}                                                               \
	static enum err list_##name(struct ctx *c, const void *input)   \
	{                                                               \
		(void)input;                                            \
		return list(c, kind);                                   \
	}

PRESENCE_HANDLERS(now, PRESENCE_NOW)
PRESENCE_HANDLERS(on_busy, PRESENCE_ON_BUSY)
PRESENCE_HANDLERS(on_unavailable, PRESENCE_ON_UNAVAILABLE)

/* clang-format off */
#define PRESENCE_ROWS(suffix, name, when)                                                           \
	{                                                                                           \
		.method = METHOD_GET, .path = "/api/user/presence" suffix, .auth = AUTH_USER,       \
		.family = FAMILY_CTI, .result = RESULT_OBJECT, .out = &presence_shape,              \
		.handle = show_##name, .tag = "CTI user",                                           \
		.summary = "Read where the caller is reached " when                                 \
	}, {                                                                                        \
		.method = METHOD_POST, .path = "/api/user/presence" suffix, .auth = AUTH_USER,      \
		.family = FAMILY_CTI, .flags = ENDPOINT_WRITES, .in = &choice_shape,                \
		.result = RESULT_NOTHING, .errors = { ERR_CAPABILITY_MISSING },                     \
		.invalid_as = ERR_BAD_REQUEST, .handle = choose_##name, .tag = "CTI user",          \
		.summary = "Choose where the caller is reached " when                               \
	}, {                                                                                        \
		.method = METHOD_GET, .path = "/api/user/presencelist" suffix, .auth = AUTH_USER,   \
		.family = FAMILY_CTI, .result = RESULT_ARRAY, .handle = list_##name,                \
		.tag = "CTI user", .summary = "List what the caller may choose " when               \
	}
/* clang-format on */

const struct endpoint presence_endpoints[] = {
	PRESENCE_ROWS("", now, "now"),
	PRESENCE_ROWS("_onbusy", on_busy, "when busy"),
	PRESENCE_ROWS("_onunavailable", on_unavailable, "when unavailable"),
	ENDPOINTS_END,
};
