/* Permission profiles, made by administrators.  In the style of the accounts API. */
#include "http/ctx.h"
#include "resources/profiles/profile.h"
#include "service/caller.h"
#include "service/refusal.h"
#include "service/service.h"

#define NAME_MAX 64

/* clang-format off */
#define PROFILE_INPUT                                                                               \
	FIELD_TEXT(profile, name, .flags = FIELD_REQUIRED, .max = NAME_MAX, .doc = "Shown to people",\
		.example = "Advanced"),                                                             \
	FIELD_BOOL(profile, is_default, .doc = "Of every user of the domain who has no other"),     \
	FIELD_JSON(profile, macro_permissions,                                                      \
		.doc = "What is allowed, by macro; permissions by name, or as an array",            \
		.schema = SCHEMA_ANY_OF(SCHEMA_FREE, SCHEMA_NULL)),                                 \
	FIELD_JSON(profile, outbound_routes_permissions, .doc = "Outbound routes, an array",        \
		.schema = SCHEMA_ANY_OF(SCHEMA_LIST(SCHEMA_FREE), SCHEMA_NULL))
/* clang-format on */

static const struct field profile_input_fields[] = { PROFILE_INPUT, FIELDS_END };
static const struct shape profile_new_shape = { "ProfileNew", profile_input_fields,
	sizeof(struct profile) };
static const struct shape profile_change_shape = { "ProfileChange", profile_input_fields,
	sizeof(struct profile) };

static enum err profile_show(struct ctx *c)
{
	*(struct profile *)c->out = *(const struct profile *)c->subject;
	return ERR_OK;
}

static enum err profile_add(struct ctx *c)
{
	return profile_create(c->service, c->caller->space->domain, c->in, c->out);
}

static enum err profile_change(struct ctx *c)
{
	return profile_update(c->service, c->caller->space->domain, c->subject, c->in, c->out);
}

static enum err profile_remove(struct ctx *c)
{
	return profile_delete(c->service, c->caller->space->domain, c->subject);
}

#define PROFILES .auth = AUTH_ADMIN, .tag = "CTI administration", .reader = READER_ADMIN
#define ONE      .subject = &profile_subject
#define PROFILE  .out = &profile_shape
#define BODY \
	.example = "{\"name\":\"Advanced\",\"macro_permissions\":{\"settings\":{\"value\":true}}}"

const struct endpoint profiles_endpoints[] = {
	{ GET("/api/profiles"), PROFILES, PROFILE, .result = RESULT_LIST,
		.reads = { &profiles_of_space }, HANDLE_AS(reply_read, "profiles_list"),
		.summary = "List the permission profiles of the domain" },
	{ POST("/api/profiles"), PROFILES, PROFILE, .writes = true, .in = &profile_new_shape,
		.refusals = { &limit_reached }, HANDLE(profile_add),
		.summary = "Make a permission profile", BODY },
	{ GET("/api/profiles/{id}"), PROFILES, ONE, PROFILE, HANDLE(profile_show),
		.summary = "Read one permission profile" },
	{ PUT("/api/profiles/{id}"), PROFILES, ONE, PROFILE, .writes = true,
		.in = &profile_change_shape, .refusals = { &limit_reached }, HANDLE(profile_change),
		.summary = "Replace a permission profile", BODY },
	{ DELETE("/api/profiles/{id}"), PROFILES, ONE, .writes = true, HANDLE(profile_remove),
		.summary =
			"Delete a permission profile; its users have the default one afterwards" },
	ENDPOINTS_END,
};
