/*
 * Persistent tokens of a user's programs (cti-api 4.2), and their older names, which clients still
 * call.
 */
#include "http/ctx.h"
#include "service/caller.h"
#include "service/refusal.h"
#include "service/service.h"

#include "resources/persistent_tokens/persistent_token.h"
#include "resources/sessions/fields.h"

#define STATUS_NO_CONTENT 204

struct audience_input {
	const char *audience;
};
static const struct field audience_fields[] = {
	FIELD_TEXT_AS(audience_input, audience, "aud", .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.max = SESSION_AUDIENCE_MAX, .doc = "phone-island, mobile-app or nethlink",
		.example = "nethlink"),
	FIELDS_END,
};
static const struct shape audience_shape = { "ByAudience", audience_fields,
	sizeof(struct audience_input) };

struct subtype_input {
	const char *subtype;
};
static const struct field subtype_fields[] = {
	FIELD_TEXT(subtype_input, subtype, .max = SESSION_AUDIENCE_MAX,
		.doc = "nethlink; anything else means phone-island"),
	FIELD_TEXT_AS(subtype_input, subtype, "type", .flags = FIELD_ALIAS),
	FIELDS_END,
};
static const struct shape subtype_shape = { "TokenSubtype", subtype_fields,
	sizeof(struct subtype_input) };

static const struct field subtype_path_fields[] = {
	FIELD_TEXT(subtype_input, subtype, .in = FIELD_IN_PATH, .max = SESSION_AUDIENCE_MAX,
		.doc = "nethlink; anything else means phone-island"),
	FIELDS_END,
};
static const struct shape subtype_path_shape = { "ByTokenSubtype", subtype_path_fields,
	sizeof(struct subtype_input) };

struct token_answer {
	const char *token;
};
static const struct field token_answer_fields[] = {
	FIELD_TEXT(token_answer, token, .flags = FIELD_SECRET, .doc = "JWT"),
	FIELDS_END,
};
static const struct shape token_answer_shape = { "PersistentToken", token_answer_fields,
	sizeof(struct token_answer) };

struct exists_answer {
	bool exists;
};
static const struct field exists_answer_fields[] = {
	FIELD_BOOL(exists_answer, exists),
	FIELDS_END,
};
static const struct shape exists_answer_shape = { "PersistentTokenExists", exists_answer_fields,
	sizeof(struct exists_answer) };

static const struct refusal audience_invalid = { 400, "audience_invalid",
	UNTRANSLATED("invalid audience") };

/* NULL: no such program. */
static const char *audience_of(struct ctx *c, const char *given)
{
	char *name = arena_strdup(c->arena, given);

	str_lower(name);
	for (const char *const *a = persistent_token_audiences; *a; a++)
		if (str_is(str_from(name), *a))
			return *a;
	return NULL;
}

static const char *audience_of_subtype(const struct subtype_input *in)
{
	return in && in->subtype && str_is(str_from(in->subtype), "nethlink") ? "nethlink"
									      : "phone-island";
}

static enum err make(struct ctx *c, const char *audience)
{
	struct token_answer *answer = c->out;
	struct opened_session made;

	if (!audience)
		return refused(c->service, &audience_invalid);
	enum err e = persistent_token_make(c->service, &c->caller->identity, audience, &made);

	answer->token = e == ERR_OK ? made.token : NULL;
	return e;
}

static enum err look(struct ctx *c, const char *audience)
{
	struct exists_answer *answer = c->out;

	if (!audience)
		return refused(c->service, &audience_invalid);
	return persistent_token_exists(c->service, &c->caller->identity, audience, &answer->exists);
}

static enum err end(struct ctx *c, const char *audience)
{
	if (!audience)
		return refused(c->service, &audience_invalid);
	return persistent_token_end(c->service, &c->caller->identity, audience);
}

static const char *audience_in_path(struct ctx *c)
{
	return audience_of(c, ((const struct audience_input *)c->in)->audience);
}

static enum err token_make(struct ctx *c)
{
	return make(c, audience_in_path(c));
}

static enum err token_look(struct ctx *c)
{
	return look(c, audience_in_path(c));
}

static enum err token_end(struct ctx *c)
{
	return end(c, audience_in_path(c));
}

static enum err older_make(struct ctx *c)
{
	return make(c, audience_of_subtype(c->in));
}

static enum err older_look(struct ctx *c)
{
	return look(c, audience_of_subtype(c->in));
}

static enum err older_end(struct ctx *c)
{
	return end(c, audience_of_subtype(c->in));
}

#define TOKENS     .auth = AUTH_USER, .family = FAMILY_CTI, .tag = "CTI tokens"
#define TOKEN_PATH "/api/tokens/persistent/{aud}"
#define OLDER_PATH "/api/authentication/"
#define PROGRAM    .in = &audience_shape, .refusals = { &audience_invalid }
#define TOKEN      .out = &token_answer_shape
#define EXISTS     .out = &exists_answer_shape
#define ENDS       .writes = true, .status = STATUS_NO_CONTENT
#define OLDER                                                  \
	.in = &subtype_shape, .invalid_as = &fields_malformed, \
	.example = "{\"subtype\":\"nethlink\"}"

const struct endpoint persistent_tokens_endpoints[] = {
	{ POST(TOKEN_PATH), TOKENS, PROGRAM, TOKEN, .writes = true, HANDLE(token_make),
		.summary = "Make the token of a program; the one before ends" },
	{ GET(TOKEN_PATH), .exchanges = 2, TOKENS, PROGRAM, EXISTS, HANDLE(token_look),
		.summary = "Tell whether a program has a token" },
	{ DELETE(TOKEN_PATH), TOKENS, PROGRAM, ENDS, HANDLE(token_end),
		.summary = "End the token of a program" },
	{ POST(OLDER_PATH "phone_island_token_login"), TOKENS, OLDER, TOKEN, .writes = true,
		HANDLE(older_make), .summary = "Older name of POST " TOKEN_PATH },
	{ GET(OLDER_PATH "phone_island_token_check"), .exchanges = 2, TOKENS, EXISTS,
		HANDLE(older_look), .summary = "Older name of GET " TOKEN_PATH },
	{ GET(OLDER_PATH "phone_island_token_check/{subtype}"), .exchanges = 2, TOKENS, EXISTS,
		.in = &subtype_path_shape, HANDLE_AS(older_look, "older_look_by_subtype"),
		.summary = "Older name of GET " TOKEN_PATH },
	{ POST(OLDER_PATH "persistent_token_remove"), TOKENS, OLDER, ENDS, HANDLE(older_end),
		.summary = "Older name of DELETE " TOKEN_PATH },
	ENDPOINTS_END,
};
