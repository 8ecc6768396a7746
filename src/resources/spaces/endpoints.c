/* Spaces, administered by those of a super space (accounts-api II.1). */
#include "base/json_schema.h"
#include "http/ctx.h"
#include "resources/spaces/record.h"
#include "service/caller.h"
#include "service/refusal.h"
#include "service/service.h"

#include "base/syntax.h"

/* clang-format off */
#define NAMES                                                                                       \
	FIELD_TEXT(space_record, name, .flags = FIELD_REQUIRED, .max = SPACE_NAME_MAX,              \
		.doc = "What people call it", .example = "Example")
#define HOST                                                                                        \
	FIELD_TEXT(space_record, host, .flags = FIELD_REQUIRED | FIELD_DOMAIN,                      \
		.max = SPACE_DOMAIN_MAX, .check = host_check, .doc = "HTTP host",                   \
		.example = "phones.example.org")
#define MORE                                                                                        \
	FIELD_TEXT_AS(space_record, expire_text, "expire_at",                                       \
		.doc = "From this day on it is closed, UTC", .example = "2030-12-31"),              \
	FIELD_TEXT_AS(space_record, hue_text, "theme_hue", .flags = FIELD_DIGITS,                   \
		.doc = "Hue of the web pages, 0 to 360; 22 if absent", .example = "22"),            \
	FIELD_JSON_AS(space_record, digest, "digest_authentication_configuration",                  \
		.schema = SCHEMA_RECORD, .flags = FIELD_NULL, .doc = "realm and default_password_algorithm; null: "          \
		"DIGEST opens nothing", .example = "{\"realm\":\"sip.example.org\"}"),              \
	FIELD_JSON_AS(space_record, oidc, "oidc_authentication_configuration", .flags = FIELD_NULL, \
		.schema = SCHEMA_RECORD,                                                            \
		.doc = "Whose tokens it takes, with client_secret, which is never shown; null: "    \
		"of no identity provider",                                                          \
		.example = "{\"server_url\":\"https://login.example.org/\",\"realm\":\"phones\"}")
#define TEXTS(name, longest, more, what)                                                            \
	FIELD_TEXT(space_record, name, .flags = more, .max = longest, .doc = what),

static const struct field new_fields[] = {
	NAMES,
	FIELD_TEXT(space_record, domain, .flags = FIELD_REQUIRED | FIELD_DOMAIN,
		.max = SPACE_DOMAIN_MAX, .check = domain_check, .doc = "SIP domain",
		.example = "sip.example.org"),
	HOST,
#define X(name, what) FIELD_TRI(space_record, name, .doc = what),
	SPACE_SWITCHES(X)
	SPACE_MORE_SWITCHES(X)
#undef X
	FIELD_INT(space_record, max_account, .max = INT32_MAX, .doc = "Accounts an app may have"),
	FIELD_INT(space_record, max_accounts, .max = INT32_MAX,
		.doc = "Accounts it may have; 0: no limit"),
	SPACE_TEXTS(TEXTS)
	MORE,
	FIELDS_END,
};
static const struct field change_fields[] = {
#define X(name, what) FIELD_TRI(space_record, name, .flags = FIELD_REQUIRED, .doc = what),
	SPACE_SWITCHES(X)
#undef X
	FIELD_INT(space_record, max_account, .flags = FIELD_REQUIRED, .max = INT32_MAX,
		.doc = "Accounts an app may have"),
	FIELD_INT(space_record, max_accounts, .flags = FIELD_REQUIRED, .max = INT32_MAX,
		.doc = "Accounts it may have; 0: no limit"),
	NAMES,
	HOST,
#define X(name, what) FIELD_TRI(space_record, name, .doc = what " (kept if absent)"),
	SPACE_MORE_SWITCHES(X)
#undef X
	SPACE_TEXTS(TEXTS)
	MORE,
	FIELDS_END,
};
/* clang-format on */
static const struct shape space_new_shape = { "SpaceNew", new_fields, sizeof(struct space_record) };
static const struct shape space_change_shape = { "SpaceChange", change_fields,
	sizeof(struct space_record) };

static enum err space_show(struct ctx *c)
{
	*(struct space_record *)c->out = *(const struct space_record *)c->subject;
	return ERR_OK;
}

static enum err space_add(struct ctx *c)
{
	return space_create(c->service, c->in, c->out);
}

static enum err space_change(struct ctx *c)
{
	return space_update(c->service, c->caller->identity.domain, c->subject, c->in, c->out);
}

static enum err space_remove(struct ctx *c)
{
	*(int64_t *)c->out = 1;
	return space_delete(c->service, c->caller->identity.domain, c->subject);
}

#define SPACES .auth = AUTH_SUPER, .tag = "Spaces"
#define ONE    .subject = &space_subject
#define SPACE  .out = &space_record_shape

/* clang-format off */
#define SWITCHED_OFF                                                                                \
	"\"super\":false,\"disable_chat_feature\":false,\"disable_meetings_feature\":false,"        \
	"\"disable_broadcast_feature\":true,\"hide_settings\":false,"                               \
	"\"hide_account_settings\":false,\"disable_call_recordings_feature\":false,"                \
	"\"only_display_sip_uri_username\":false,\"assistant_hide_create_account\":false,"          \
	"\"assistant_disable_qr_code\":false,\"assistant_hide_third_party_account\":false,"         \
	"\"custom_provisioning_overwrite_all\":false,\"web_panel\":true,"                           \
	"\"public_registration\":true,\"phone_registration\":true,\"intercom_features\":false,"     \
	"\"carddav_user_credentials\":false"
/* clang-format on */

const struct endpoint spaces_endpoints[] = {
	{ GET("/api/spaces"), SPACES, SPACE, .result = RESULT_LIST, .reads = { &spaces_all },
		HANDLE_AS(reply_read, "spaces_list"), .summary = "List all spaces" },
	{ POST("/api/spaces"), SPACES, SPACE, .writes = true, .status = 201,
		.flags = ROW_ON_BAD_FIELDS, .in = &space_new_shape, .refusals = { &limit_reached },
		HANDLE(space_add), .summary = "Create a space",
		.example = "{\"name\":\"Example\",\"domain\":\"sip.example.com\","
			   "\"host\":\"phones.example.com\"}" },
	{ GET("/api/spaces/{domain}"), SPACES, ONE, SPACE, .exchanges = 4, HANDLE(space_show),
		.summary = "Read one space" },
	{ PUT("/api/spaces/{domain}"), SPACES, ONE, SPACE, .writes = true,
		.flags = ROW_ON_BAD_FIELDS, .in = &space_change_shape,
		.refusals = { &space_is_own }, HANDLE(space_change),
		.summary = "Replace what a space is; texts that are absent are cleared",
		.example = "{\"name\":\"Example\",\"host\":\"phones.example.com\","
			   "\"max_account\":0,\"max_accounts\":100," SWITCHED_OFF "}" },
	{ DELETE("/api/spaces/{domain}"), SPACES, ONE, .writes = true, .result = RESULT_COUNT,
		.refusals = { &space_is_own }, HANDLE(space_remove),
		.summary = "Delete a space with all its accounts" },
	ENDPOINTS_END,
};
