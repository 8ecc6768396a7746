/* The login of web and desktop clients (cti-api 1.1 to 1.5). */
#include "api_priv.h"

#include "base/clock.h"
#include "base/json_writer.h"
#include "domain/cti_session.h"

#define LOGIN_BODY_MAX  (32u * 1024)
#define LOGOUT_BODY_MAX 1024
#define USERNAME_MAX    255
#define PASSWORD_MAX    1024
#define DOCUMENT_MAX    (64u * 1024)

static const struct field login_fields[] = {
	FIELD_TEXT(cti_login, username, .flags = FIELD_REQUIRED, .max = USERNAME_MAX,
		.doc = "user, or user@domain", .example = "alice"),
	FIELD_TEXT(cti_login, password, .flags = FIELD_REQUIRED | FIELD_SECRET | FIELD_RAW,
		.max = PASSWORD_MAX, .doc = "Password of the SIP account"),
	FIELDS_END,
};
static const struct shape login_shape = { "Login", login_fields, sizeof(struct cti_login) };

struct login_answer {
	int64_t code;
	const char *expire, *token;
};
static const struct field login_answer_fields[] = {
	FIELD_INT(login_answer, code, .doc = "200"),
	FIELD_TEXT(login_answer, expire, .doc = "End of the token, RFC 3339",
		.example = "2026-11-17T10:30:00Z"),
	FIELD_TEXT(login_answer, token, .flags = FIELD_SECRET, .doc = "JWT"),
	FIELDS_END,
};
static const struct shape login_answer_shape = { "LoginAnswer", login_answer_fields,
	sizeof(struct login_answer) };

struct code_answer {
	int64_t code;
};
static const struct field code_answer_fields[] = {
	FIELD_INT(code_answer, code, .doc = "200"),
	FIELDS_END,
};
static const struct shape code_answer_shape = { "CodeAnswer", code_answer_fields,
	sizeof(struct code_answer) };

/* The nested members are documents of their own (cti-api 1.5). */
struct user_me {
	const char *name, *username, *main_presence, *presence, *presence_on_busy,
		*presence_on_unavailable, *recall_on_busy;
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
	FIELD_JSON(user_me, endpoints, .doc = "Six arrays of ways to reach the user"),
	FIELD_JSON(user_me, profile, .doc = "What the user may do"),
	FIELD_JSON(user_me, default_device, .doc = "Extension used first"),
	FIELD_JSON(user_me, settings, .doc = "The user's own settings"),
	FIELD_BOOL(user_me, call_summary_enabled),
	FIELDS_END,
};
static const struct shape user_me_shape = { "UserMe", user_me_fields, sizeof(struct user_me) };

static enum err login(struct ctx *c, const void *input)
{
	struct cti_token made;
	enum err e = cti_login(domain_of(c), caller_of(c)->space, input, &made);

	if (e != ERR_OK)
		return e;
	char *expire = arena_alloc(c->arena, CLOCK_ISO_SIZE);

	clock_rfc3339(expire, made.expires_at);
	return reply_object(c, &(struct login_answer){ 200, expire, made.token });
}

static enum err logout(struct ctx *c, const void *input)
{
	enum err e = cti_logout(domain_of(c), identity_of(c));

	(void)input;
	return e == ERR_OK ? reply_object(c, &(struct code_answer){ 200 }) : e;
}

/* A finished document in the arena. */
static const char *document(struct ctx *c, struct buf *b)
{
	const char *text = arena_strndup(c->arena, b->p, b->n);

	buf_finish(b);
	return text;
}

static void pair(struct json_writer *w, const char *key, const char *value)
{
	json_key(w, key);
	json_text(w, value);
}

/* An account is one extension: a SIP phone that cannot be driven from the browser. */
static const char *extension(struct ctx *c, const struct account *a)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, DOCUMENT_MAX);
	json_writer_init(&w, &b);
	json_object_begin(&w);
	pair(&w, "id", a->username);
	pair(&w, "type", "physical");
	pair(&w, "description", a->display_name ? a->display_name : "");
	json_key(&w, "actions");
	json_raw(&w, "{\"answer\":false,\"dtmf\":false,\"hold\":false}");
	json_object_end(&w);
	return document(c, &b);
}

static void list_of_one(struct json_writer *w, const char *key, const char *item)
{
	json_key(w, key);
	json_array_begin(w);
	if (item)
		json_raw(w, item);
	json_array_end(w);
}

static const char *id_object(struct ctx *c, const char *id, const char *description)
{
	struct json_writer w;
	struct buf b;

	if (!id)
		return NULL;
	buf_init(&b, DOCUMENT_MAX);
	json_writer_init(&w, &b);
	json_object_begin(&w);
	pair(&w, "id", id);
	if (description)
		pair(&w, "description", description);
	json_object_end(&w);
	return document(c, &b);
}

static const char *endpoints(struct ctx *c, const struct account *a, const char *device)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, DOCUMENT_MAX);
	json_writer_init(&w, &b);
	json_object_begin(&w);
	list_of_one(&w, "email", id_object(c, a->email, NULL));
	list_of_one(&w, "jabber", NULL);
	list_of_one(&w, "extension", device);
	list_of_one(&w, "cellphone", id_object(c, a->phone, NULL));
	list_of_one(&w, "voicemail", NULL);
	list_of_one(&w, "mainextension",
		id_object(c, a->username, a->display_name ? a->display_name : ""));
	json_object_end(&w);
	return document(c, &b);
}

static enum err user_me(struct ctx *c, const void *input)
{
	const struct account *a = identity_of(c)->account;
	const char *device = extension(c, a);

	(void)input;
	return reply_object(
		c, &(struct user_me){ .name = a->display_name ? a->display_name : a->username,
			   .username = a->username,
			   .main_presence = "online",
			   .presence = "online",
			   .presence_on_busy = "online",
			   .presence_on_unavailable = "online",
			   .recall_on_busy = "disabled",
			   .endpoints = endpoints(c, a, device),
			   .profile = "{\"id\":\"1\",\"name\":\"Base\",\"macro_permissions\":{},"
				      "\"outbound_routes_permissions\":[]}",
			   .default_device = device,
			   .settings = "{}" });
}

const struct endpoint cti_endpoints[] = {
	{
		.method = METHOD_POST,
		.path = "/api/login",
		.auth = AUTH_PUBLIC,
		.family = FAMILY_CTI,
		.flags = ENDPOINT_FORM,
		.in = &login_shape,
		.result = RESULT_OBJECT,
		.out = &login_answer_shape,
		.body_max = LOGIN_BODY_MAX,
		.errors = { ERR_LOGIN_REFUSED },
		.invalid_as = ERR_LOGIN_INCOMPLETE,
		.unavailable_as = ERR_LOGIN_UNAVAILABLE,
		.handle = login,
		.tag = "CTI login",
		.summary = "Log in with a password and get a JWT",
	},
	{
		.method = METHOD_POST,
		.path = "/api/logout",
		.auth = AUTH_USER,
		.family = FAMILY_CTI,
		.flags = ENDPOINT_BEFORE_OTP,
		.result = RESULT_OBJECT,
		.out = &code_answer_shape,
		.body_max = LOGOUT_BODY_MAX,
		.handle = logout,
		.tag = "CTI login",
		.summary = "End the session of the presented JWT",
	},
	{
		.method = METHOD_GET,
		.path = "/api/user/me",
		.auth = AUTH_USER,
		.family = FAMILY_CTI,
		.flags = ENDPOINT_WITH_ACCOUNT,
		.result = RESULT_OBJECT,
		.out = &user_me_shape,
		.handle = user_me,
		.tag = "CTI user",
		.summary = "Read the user that calls",
	},
	ENDPOINTS_END,
};
