/* Permission profiles, made by administrators.  In the style of the accounts API. */
#include "http/ctx.h"
#include "resources/profiles/profile.h"
#include "service/caller.h"
#include "service/service.h"

#define NAME_MAX 64

struct by_id {
	int64_t id;
};
static const struct field by_id_fields[] = {
	FIELD_INT(by_id, id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1,
		.doc = "Identifier"),
	FIELDS_END,
};
static const struct shape by_id_shape = { "ProfileById", by_id_fields, sizeof(struct by_id) };

/* clang-format off */
#define PROFILE_INPUT                                                                               \
	FIELD_TEXT(profile, name, .flags = FIELD_REQUIRED, .max = NAME_MAX, .doc = "Shown to people",\
		.example = "Advanced"),                                                             \
	FIELD_BOOL(profile, is_default, .doc = "Of every user of the domain who has no other"),     \
	FIELD_JSON(profile, macro_permissions,                                                      \
		.doc = "What is allowed, by macro; permissions by name, or as an array"),           \
	FIELD_JSON(profile, outbound_routes_permissions, .doc = "Outbound routes, an array")
/* clang-format on */

static const struct field profile_new_fields[] = { PROFILE_INPUT, FIELDS_END };
static const struct field profile_change_fields[] = {
	FIELD_INT(profile, id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1,
		.doc = "Identifier of the profile"),
	PROFILE_INPUT,
	FIELDS_END,
};
static const struct shape profile_new_shape = { "ProfileNew", profile_new_fields,
	sizeof(struct profile) };
static const struct shape profile_change_shape = { "ProfileChange", profile_change_fields,
	sizeof(struct profile) };

static const char *space_domain(struct ctx *c)
{
	return c->caller->space->domain;
}

static enum err profiles_list(struct ctx *c, const void *input)
{
	struct profile *list;
	size_t n;
	enum err e = profile_list(c->service, space_domain(c), &list, &n);

	(void)input;
	return e == ERR_OK ? reply_list(c, list, n) : e;
}

static enum err profile_show(struct ctx *c, const void *input)
{
	const struct by_id *in = input;
	struct profile found;
	enum err e = profile_get(c->service, space_domain(c), in->id, &found);

	return e == ERR_OK ? reply_object(c, &found) : e;
}

static enum err profile_add(struct ctx *c, const void *input)
{
	struct profile made;
	enum err e = profile_create(c->service, space_domain(c), input, &c->errors, &made);

	return e == ERR_OK ? reply_object(c, &made) : e;
}

static enum err profile_change(struct ctx *c, const void *input)
{
	struct profile changed;
	enum err e = profile_update(c->service, space_domain(c), input, &c->errors, &changed);

	return e == ERR_OK ? reply_object(c, &changed) : e;
}

static enum err profile_remove(struct ctx *c, const void *input)
{
	const struct by_id *in = input;
	enum err e = profile_delete(c->service, space_domain(c), in->id);

	return e == ERR_OK ? reply_nothing(c) : e;
}

/* clang-format off */
#define ROW(verb, where, takes, answer, shows, function, text, ...)                                 \
	{                                                                                           \
		.method = METHOD_##verb, .path = where, .auth = AUTH_ADMIN, .in = takes,            \
		.result = answer, .out = shows, .reader = READER_ADMIN,                             \
		.errors = { ERR_NOT_FOUND }, .handle = function, .tag = "CTI administration",       \
		.summary = text, __VA_ARGS__                                                        \
	}
#define WRITES .flags = ENDPOINT_WRITES

const struct endpoint profiles_endpoints[] = {
	ROW(GET, "/api/profiles", NULL, RESULT_LIST, &profile_shape, profiles_list,
		"List the permission profiles of the domain", ),
	ROW(POST, "/api/profiles", &profile_new_shape, RESULT_OBJECT, &profile_shape, profile_add,
		"Make a permission profile", WRITES),
	ROW(GET, "/api/profiles/{id}", &by_id_shape, RESULT_OBJECT, &profile_shape, profile_show,
		"Read one permission profile", ),
	ROW(PUT, "/api/profiles/{id}", &profile_change_shape, RESULT_OBJECT, &profile_shape,
		profile_change, "Replace a permission profile", WRITES),
	ROW(DELETE, "/api/profiles/{id}", &by_id_shape, RESULT_NOTHING, NULL, profile_remove,
		"Delete a permission profile; its users have the default one afterwards", WRITES),
	ENDPOINTS_END,
};
/* clang-format on */
