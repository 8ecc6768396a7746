/* What administrators set for a user of the CTI: profile, numbers, default device. */
#include "http/ctx.h"
#include "resources/cti_users/cti_user.h"
#include "resources/extensions/extension.h"
#include "service/caller.h"
#include "service/service.h"

#define NUMBER_MAX 64
#define JABBER_MAX 255

struct by_id {
	int64_t id;
};
static const struct field by_id_fields[] = {
	FIELD_INT(by_id, id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1,
		.doc = "Identifier"),
	FIELDS_END,
};
static const struct shape by_id_shape = { "CtiById", by_id_fields, sizeof(struct by_id) };

static const struct field user_change_fields[] = {
	FIELD_INT_AS(cti_user_change, account_id, "id", .in = FIELD_IN_PATH,
		.flags = FIELD_REQUIRED, .min = 1, .doc = "Identifier of the account"),
	FIELD_INT(cti_user_change, profile_id,
		.doc = "Permission profile; the default one of the domain if absent"),
	FIELD_TEXT(cti_user_change, main_extension, .max = NUMBER_MAX, .check = extension_check,
		.doc = "The account's name if absent"),
	FIELD_TEXT(cti_user_change, voicemail, .max = NUMBER_MAX, .check = extension_check,
		.doc = "Mailbox"),
	FIELD_TEXT(cti_user_change, cellphone, .max = NUMBER_MAX, .check = extension_check,
		.doc = "The account's phone if absent"),
	FIELD_TEXT(cti_user_change, jabber, .max = JABBER_MAX, .doc = "Chat address"),
	FIELD_TEXT(cti_user_change, default_device, .max = NUMBER_MAX, .check = extension_check,
		.doc = "One of the user's extensions"),
	FIELD_TRI(cti_user_change, call_summary_enabled, .doc = "Summaries of calls are offered"),
	FIELD_TRI(cti_user_change, recall_on_busy, .doc = "A busy line calls back"),
	FIELDS_END,
};
static const struct shape user_change_shape = { "CtiUserChange", user_change_fields,
	sizeof(struct cti_user_change) };

static const char *space_domain(struct ctx *c)
{
	return c->caller->space->domain;
}

static enum err user_reply(struct ctx *c, int64_t id)
{
	struct cti_user_change found;
	enum err e = cti_user_admin_get(c->service, space_domain(c), id, &found);

	return e == ERR_OK ? reply_object(c, &found) : e;
}

static enum err user_show(struct ctx *c, const void *input)
{
	const struct by_id *in = input;

	return user_reply(c, in->id);
}

static enum err user_change(struct ctx *c, const void *input)
{
	const struct cti_user_change *in = input;
	enum err e = cti_user_admin_put(c->service, space_domain(c), in, &c->errors);

	return e == ERR_OK ? user_reply(c, in->account_id) : e;
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

const struct endpoint cti_users_admin_endpoints[] = {
	ROW(GET, "/api/accounts/{id}/cti", &by_id_shape, RESULT_OBJECT, &cti_user_change_shape,
		user_show, "Read profile, numbers and default device of a user", ),
	ROW(PUT, "/api/accounts/{id}/cti", &user_change_shape, RESULT_OBJECT,
		&cti_user_change_shape, user_change,
		"Replace profile, numbers and default device of a user", WRITES),
	ENDPOINTS_END,
};
/* clang-format on */
