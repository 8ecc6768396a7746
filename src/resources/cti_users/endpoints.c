/* A user of the CTI: who they are, which users they see, their settings (cti-api 1.5, 4.1, 4.2). */
#include "http/ctx.h"
#include "service/caller.h"
#include "service/service.h"

#include <string.h>

#include "base/json_schema.h"
#include "base/json_writer.h"
#include "http/header.h"
#include "me_copy.h"
#include "resources/cti_users/cti_user.h"
#include "resources/cti_users/directory.h"
#include "resources/extensions/extension.h"
#include "resources/live_states/live_states.h"
#include "resources/profiles/fields.h"

#define SETTINGS_BODY_MAX (1024u * 1024)
#define SETTING_NAME_MAX  50
#define AVATAR_TEXT_MAX   (AVATAR_BYTES_MAX / 3 * 4 + 64)

/* What clients see of a user who has no profile. */
static const char base_profile_id[] = "1", base_profile_name[] = "Base";

/* clang-format off */
#define ACTIONS_SCHEMA                                                                              \
	SCHEMA_OBJECT(SCHEMA_MEMBER("answer", SCHEMA_FLAG) "," SCHEMA_MEMBER("dtmf", SCHEMA_FLAG)   \
		"," SCHEMA_MEMBER("hold", SCHEMA_FLAG))
#define DEVICE_SCHEMA                                                                               \
	SCHEMA_OBJECT(SCHEMA_MEMBER("id", SCHEMA_TEXT) "," SCHEMA_MEMBER("type", SCHEMA_TEXT)       \
		"," SCHEMA_MEMBER("secret", SCHEMA_TEXT_OR_NULL)                                    \
		"," SCHEMA_MEMBER("username", SCHEMA_TEXT_OR_NULL)                                  \
		"," SCHEMA_MEMBER("description", SCHEMA_TEXT)                                       \
		"," SCHEMA_MEMBER("proxy_port", SCHEMA_INT_OR_NULL)                                 \
		"," SCHEMA_MEMBER("actions", ACTIONS_SCHEMA))
#define IDS_SCHEMA  SCHEMA_LIST(SCHEMA_OBJECT(SCHEMA_MEMBER("id", SCHEMA_TEXT)))
#define NAMED_SCHEMA                                                                                \
	SCHEMA_LIST(SCHEMA_OBJECT(SCHEMA_MEMBER("id", SCHEMA_TEXT) ","                              \
		SCHEMA_MEMBER("description", SCHEMA_TEXT)))
#define ENDPOINTS_SCHEMA                                                                            \
	SCHEMA_OBJECT(SCHEMA_MEMBER("email", IDS_SCHEMA) "," SCHEMA_MEMBER("jabber", IDS_SCHEMA)    \
		"," SCHEMA_MEMBER("extension", SCHEMA_LIST(DEVICE_SCHEMA))                          \
		"," SCHEMA_MEMBER("cellphone", IDS_SCHEMA)                                          \
		"," SCHEMA_MEMBER("voicemail", IDS_SCHEMA)                                          \
		"," SCHEMA_MEMBER("mainextension", NAMED_SCHEMA))
#define TEXT_MEMBER(name) SCHEMA_MEMBER(name, SCHEMA_TEXT) ","
#define EVERY_USER_SCHEMA                                                                           \
	SCHEMA_MAP(SCHEMA_OBJECT(TEXT_MEMBER("name") TEXT_MEMBER("username")                        \
		TEXT_MEMBER("mainPresence") TEXT_MEMBER("presence") TEXT_MEMBER("presenceOnBusy")   \
		TEXT_MEMBER("presenceOnUnavailable") TEXT_MEMBER("recallOnBusy")                    \
		SCHEMA_MEMBER("endpoints", ENDPOINTS_SCHEMA)))
#define USER_PROFILE_SCHEMA                                                                         \
	SCHEMA_OBJECT(TEXT_MEMBER("id") TEXT_MEMBER("name")                                         \
		SCHEMA_MEMBER("macro_permissions", MACRO_PERMISSIONS_SCHEMA)                        \
		"," SCHEMA_MEMBER("outbound_routes_permissions", OUTBOUND_ROUTES_SCHEMA))
/* clang-format on */

/* Documents GET /api/user/me: the nested members are documents of their own. */
struct user_me {
	const char *name, *username, *main_presence, *presence, *presence_on_busy,
		*presence_on_unavailable, *recall_on_busy, *proxy_fqdn;
	const char *endpoints, *profile, *default_device, *settings;
	bool call_summary_enabled;
};
static const struct field user_me_fields[] = {
	FIELD_TEXT(user_me, name, .doc = "Name shown to people"),
	FIELD_TEXT(user_me, username, .doc = "Name used for logging in"),
	FIELD_TEXT_AS(user_me, main_presence, "mainPresence", .doc = "Presence and call state"),
	FIELD_TEXT(user_me, presence, .doc = "Presence chosen by the user"),
	FIELD_TEXT_AS(user_me, presence_on_busy, "presenceOnBusy"),
	FIELD_TEXT_AS(user_me, presence_on_unavailable, "presenceOnUnavailable"),
	FIELD_TEXT_AS(user_me, recall_on_busy, "recallOnBusy"),
	FIELD_JSON(user_me, endpoints, .doc = "Six arrays of ways to reach the user",
		.schema = ENDPOINTS_SCHEMA),
	FIELD_JSON(user_me, profile, .doc = "What the user may do", .schema = USER_PROFILE_SCHEMA),
	FIELD_JSON(user_me, default_device, .doc = "Extension used first", .schema = DEVICE_SCHEMA),
	FIELD_JSON(user_me, settings, .doc = "The user's own settings", .schema = SCHEMA_FREE),
	FIELD_TEXT(user_me, proxy_fqdn, .doc = "SIP server for the user's devices"),
	FIELD_BOOL(user_me, call_summary_enabled),
	FIELDS_END,
};
static const struct shape user_me_shape = { "UserMe", user_me_fields, sizeof(struct user_me) };

static void flag(struct json_writer *w, const char *key, bool value)
{
	json_key(w, key);
	json_flag(w, value);
}

static void actions(struct json_writer *w, bool driven)
{
	json_key(w, "actions");
	json_object_begin(w);
	flag(w, "answer", driven);
	flag(w, "dtmf", driven);
	flag(w, "hold", driven);
	json_object_end(w);
}

/* The secret is in the struct only when its owner asks; others are shown an empty one. Null is one that no
 * key opens. */
static void extension(struct json_writer *w, const struct extension *x)
{
	json_object_begin(w);
	json_pair(w, "id", x->exten);
	json_pair(w, "type", x->type);
	if (!extension_is_physical(x->type)) {
		json_key(w, "secret");
		if (x->secret_is_lost)
			json_null(w);
		else
			json_text(w, x->secret ? x->secret : "");
		json_pair(w, "username", x->username);
	}
	json_pair(w, "description", x->description);
	json_key(w, "proxy_port");
	if (x->proxy_port)
		json_int(w, x->proxy_port);
	else
		json_null(w);
	actions(w, extension_is_driven(x->type));
	json_object_end(w);
}

static void list_of_one(struct json_writer *w, const char *key, const char *id)
{
	json_key(w, key);
	json_array_begin(w);
	if (id) {
		json_object_begin(w);
		json_pair(w, "id", id);
		json_object_end(w);
	}
	json_array_end(w);
}

static void main_extension(struct json_writer *w, const struct cti_user *u)
{
	json_key(w, "mainextension");
	json_array_begin(w);
	json_object_begin(w);
	json_pair(w, "id", u->main_extension);
	json_pair(w, "description", u->display_name ? u->display_name : "");
	json_object_end(w);
	json_array_end(w);
}

static void endpoints(struct json_writer *w, const struct cti_user *u,
	const struct extension *extensions, size_t n)
{
	json_key(w, "endpoints");
	json_object_begin(w);
	list_of_one(w, "email", u->email);
	list_of_one(w, "jabber", u->jabber);
	json_key(w, "extension");
	json_array_begin(w);
	for (size_t i = 0; i < n; i++)
		extension(w, &extensions[i]);
	json_array_end(w);
	list_of_one(w, "cellphone", u->cellphone ? u->cellphone : u->phone);
	list_of_one(w, "voicemail", u->voicemail);
	main_extension(w, u);
	json_object_end(w);
}

/* What all users of the domain see of a user. */
static void common_members(struct json_writer *w, const struct cti_user *u,
	const char *main_presence, const struct extension *extensions, size_t n)
{
	json_pair(w, "name", u->display_name ? u->display_name : u->username);
	json_pair(w, "username", u->username);
	json_pair(w, "mainPresence", main_presence);
	json_pair(w, "presence", u->presence);
	json_pair(w, "presenceOnBusy", u->on_busy);
	json_pair(w, "presenceOnUnavailable", u->on_unavailable);
	json_pair(w, "recallOnBusy", u->recall_on_busy ? "enabled" : "disabled");
	endpoints(w, u, extensions, n);
}

static void profile(struct json_writer *w, const struct cti_user *u)
{
	json_key(w, "profile");
	json_object_begin(w);
	json_pair(w, "id", u->profile_id ? u->profile_id : base_profile_id);
	json_pair(w, "name", u->profile_name ? u->profile_name : base_profile_name);
	json_key(w, "macro_permissions");
	json_raw(w, u->macro_permissions ? u->macro_permissions : "{}");
	json_key(w, "outbound_routes_permissions");
	json_raw(w, u->outbound_routes_permissions ? u->outbound_routes_permissions : "[]");
	json_object_end(w);
}

/* The chosen one, else the first that clients can drive, else the first. */
static const struct extension *default_device(
	const struct cti_user *u, const struct extension *list, size_t n)
{
	for (size_t i = 0; u->default_device && i < n; i++)
		if (strcmp(list[i].exten, u->default_device) == 0)
			return &list[i];
	for (size_t i = 0; i < n; i++)
		if (extension_is_driven(list[i].type))
			return &list[i];
	return list;
}

/* Without a PBX that tells of it, the presence is what the user has chosen. */
static const char *presence_shown(struct ctx *c, const struct str *told, const struct cti_user *u)
{
	return told ? live_presence_shown(c->arena, *told, u->presence) : u->presence;
}

static const char *own_main_presence(struct ctx *c, const struct cti_user *u)
{
	struct live_question q = live_question_of(c->arena, 1);

	live_question_add(c->arena, &q, "main", u->username);
	return presence_shown(c, live_answer(c->service, u->domain, &q), u);
}

static enum err user_me_show(struct ctx *c)
{
	struct service *s = c->service;
	struct json_writer *w = c->out;
	const struct cti_user *u = c->read[0];
	struct rows *own = c->read[1];
	enum err e = u ? extension_open_own(s, u->account_id, u->username, u->display_name, own)
		       : ERR_NOT_FOUND;

	if (e != ERR_OK)
		return e;
	const struct extension *list = own->items;

	json_object_begin(w);
	common_members(w, u, own_main_presence(c, u), list, own->n);
	profile(w, u);
	json_key(w, "default_device");
	extension(w, default_device(u, list, own->n));
	json_key(w, "settings");
	json_raw(w, u->settings);
	json_pair(w, "proxy_fqdn", *s->settings->proxy_fqdn ? s->settings->proxy_fqdn : u->domain);
	flag(w, "call_summary_enabled", u->call_summary_enabled);
	json_object_end(w);
	me_copy_keep(s, &c->caller->identity, buf_str(w->out));
	return ERR_OK;
}

static enum err user_me_from_copy(struct ctx *c)
{
	struct json_writer *w = c->out;
	struct str scheme, token, answer;
	enum err e;

	if (!header_authorization(c->request->authorization, &scheme, &token) ||
		!str_case_is(scheme, "Bearer"))
		return ERR_UNAVAILABLE;
	e = me_copy_find(c->service, token, &answer);
	if (e != ERR_OK)
		return e;
	json_raw(w, arena_strndup(c->arena, answer.p, answer.n));
	reply_header(c, "X-Answered-From", "copy");
	return ERR_OK;
}

static void write_user(
	struct json_writer *w, const struct cti_directory *at, const char *main_presence)
{
	json_key(w, at->user->username);
	json_object_begin(w);
	common_members(w, at->user, main_presence, at->devices, at->devices_n);
	json_object_end(w);
}

/* By the place of the user; NULL: no PBX tells of them. */
static const struct str *main_presences(struct ctx *c, const struct rows *users)
{
	const struct cti_user *u = users->items;
	struct live_question q = live_question_of(c->arena, users->n);

	for (size_t i = 0; i < users->n; i++)
		live_question_add(c->arena, &q, "main", u[i].username);
	return live_answer(c->service, c->caller->identity.domain, &q);
}

static enum err user_endpoints_all(struct ctx *c)
{
	const struct str *told = main_presences(c, c->read[0]);
	struct cti_directory d = cti_directory_of(c->read[0], c->read[1]);
	struct json_writer *w = c->out;

	if (cti_users_are_own(c->service, c->read[0]))
		reply_header(c, CTI_DIRECTORY_OWN);
	json_object_begin(w);
	for (size_t i = 0; cti_directory_next(&d); i++)
		write_user(w, &d, presence_shown(c, told ? &told[i] : NULL, d.user));
	json_object_end(w);
	return ERR_OK;
}

static enum err user_all_avatars(struct ctx *c)
{
	const struct cti_avatars *all = c->read[0];

	if (cti_avatars_are_own(c->service, all))
		reply_header(c, CTI_DIRECTORY_OWN);
	json_raw(c->out, all->document);
	return ERR_OK;
}

struct settings_input {
	const char *all, *avatar;
};
static const struct field settings_fields[] = {
	FIELD_JSON(settings_input, all, .in = FIELD_IN_WHOLE, .flags = FIELD_REQUIRED),
	FIELD_TEXT(settings_input, avatar, .max = AVATAR_TEXT_MAX, .check = cti_user_avatar_check,
		.doc = "Picture as a data URL; other members have names and values of their own"),
	FIELDS_END,
};
static const struct shape settings_shape = { "UserSettings", settings_fields,
	sizeof(struct settings_input) };

/* No event tells jobs of a setting, so its copy is dropped here. */
static enum err settings_changed(struct ctx *c, enum err e)
{
	if (e == ERR_OK)
		me_copy_drop(c->service, &c->caller->identity);
	return e;
}

static enum err user_settings_put(struct ctx *c)
{
	const struct settings_input *in = c->in;

	return settings_changed(
		c, cti_user_put_settings(c->service, c->caller->identity.account_id, in->all));
}

struct setting_name {
	const char *prop;
};
static const struct field setting_name_fields[] = {
	FIELD_TEXT(setting_name, prop, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.max = SETTING_NAME_MAX, .doc = "Name of the setting"),
	FIELDS_END,
};
static const struct shape setting_name_shape = { "SettingName", setting_name_fields,
	sizeof(struct setting_name) };

static enum err user_settings_delete(struct ctx *c)
{
	return settings_changed(
		c, cti_user_delete_settings(c->service, c->caller->identity.account_id, NULL));
}

static enum err user_setting_delete(struct ctx *c)
{
	const struct setting_name *in = c->in;

	return settings_changed(
		c, cti_user_delete_settings(c->service, c->caller->identity.account_id, in->prop));
}

struct device_input {
	const char *id;
};
static const struct field device_fields[] = {
	FIELD_TEXT(device_input, id, .flags = FIELD_REQUIRED, .max = EXTENSION_MAX,
		.doc = "One of the caller's extensions", .example = "91201"),
	FIELDS_END,
};
static const struct shape device_shape = { "DefaultDevice", device_fields,
	sizeof(struct device_input) };

static enum err user_choose_device(struct ctx *c)
{
	const struct device_input *in = c->in;
	struct cti_user u;
	enum err e = cti_user_get(c->service, c->caller->identity.account_id, &u);

	return e == ERR_OK ? cti_user_choose_device(c->service, &u, in->id) : e;
}

#define USER                                                        \
	.auth = AUTH_USER, .family = FAMILY_CTI, .tag = "CTI user", \
	.open_to = OPEN_PROGRAM | OPEN_HMAC

#define SETTINGS .untold = "what a client remembers of its windows"
#define TOO_LARGE                                                           \
	"Of a domain that is too large for one answer it has the caller's " \
	"alone, and the header X-Directory: own."
#define DIRECTORY                                           \
	{                                                   \
		&cti_users_of_domain, &extensions_of_domain \
	}

const struct endpoint cti_users_endpoints[] = {
	{ GET("/api/user/me"), USER, .result = RESULT_JSON, .out = &user_me_shape,
		.reads = { &cti_user_own, &extensions_own }, HANDLE(user_me_show),
		.instead = user_me_from_copy, .summary = "Read the user that calls" },
	{ GET("/api/user/endpoints/all"), USER, .result = RESULT_JSON, .schema = EVERY_USER_SCHEMA,
		.reads = DIRECTORY, HANDLE(user_endpoints_all),
		.summary = "Tell how to reach every user of the domain", .text = TOO_LARGE },
	{ GET("/api/user/all_avatars"), USER, .result = RESULT_JSON,
		.schema = SCHEMA_MAP(SCHEMA_TEXT), .reads = { &cti_avatars_of_domain },
		HANDLE(user_all_avatars), .summary = "Read the pictures of all users of the domain",
		.text = TOO_LARGE },
	{ POST("/api/user/settings"), USER, SETTINGS, .writes = true, .in = &settings_shape,
		.body_max = SETTINGS_BODY_MAX, .invalid_as = &err_table[ERR_BAD_REQUEST].told,
		HANDLE(user_settings_put),
		.summary = "Add or replace settings of the caller, one for each member",
		.example = "{\"open_ccard\":\"enabled\"}" },
	{ DELETE("/api/user/settings"), USER, SETTINGS, .writes = true,
		HANDLE(user_settings_delete), .summary = "Remove all settings of the caller" },
	{ DELETE("/api/user/setting/{prop}"), USER, SETTINGS, .writes = true,
		.in = &setting_name_shape, .invalid_as = &err_table[ERR_BAD_REQUEST].told,
		HANDLE(user_setting_delete), .summary = "Remove one setting of the caller" },
	{ POST("/api/user/default_device"), USER, .writes = true, .in = &device_shape,
		.errors = { ERR_FORBIDDEN }, .invalid_as = &err_table[ERR_BAD_REQUEST].told,
		HANDLE(user_choose_device), .summary = "Choose the extension used first",
		.example = "{\"id\":\"91201\"}" },
	ENDPOINTS_END,
};
