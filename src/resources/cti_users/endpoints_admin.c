/* What administrators set for a user of the CTI: profile, numbers, default device. */
#include "http/ctx.h"
#include "resources/accounts/account.h"
#include "resources/cti_users/cti_user.h"
#include "resources/extensions/extension.h"

#define JABBER_MAX 255

static const struct field user_change_fields[] = {
	FIELD_INT(cti_user_change, profile_id,
		.doc = "Permission profile; the default one of the domain if absent"),
	FIELD_TEXT(cti_user_change, main_extension, .max = EXTENSION_MAX, .check = extension_check,
		.doc = "The account's name if absent"),
	FIELD_TEXT(cti_user_change, voicemail, .max = EXTENSION_MAX, .check = extension_check,
		.doc = "Mailbox"),
	FIELD_TEXT(cti_user_change, cellphone, .max = EXTENSION_MAX, .check = extension_check,
		.doc = "The account's phone if absent"),
	FIELD_TEXT(cti_user_change, jabber, .max = JABBER_MAX, .doc = "Chat address"),
	FIELD_TEXT(cti_user_change, default_device, .max = EXTENSION_MAX, .check = extension_check,
		.doc = "One of the user's extensions"),
	FIELD_TRI(cti_user_change, call_summary_enabled, .doc = "Summaries of calls are offered"),
	FIELD_TRI(cti_user_change, recall_on_busy, .doc = "A busy line calls back"),
	FIELDS_END,
};
static const struct shape user_change_shape = { "CtiUserChange", user_change_fields,
	sizeof(struct cti_user_change) };

static enum err cti_user_show(struct ctx *c)
{
	*(struct cti_user_change *)c->out = *(const struct cti_user_change *)c->subject;
	return ERR_OK;
}

static enum err cti_user_change(struct ctx *c)
{
	return cti_user_admin_put(c->service, c->subject, c->in, c->out);
}

#define USER                                                                            \
	.auth = AUTH_ADMIN, .tag = "CTI administration", .out = &cti_user_change_shape, \
	.reader = READER_ADMIN

const struct endpoint cti_users_admin_endpoints[] = {
	{ GET("/api/accounts/{id}/cti"), USER, .subject = &cti_user_subject, HANDLE(cti_user_show),
		.summary = "Read profile, numbers and default device of a user" },
	{ PUT("/api/accounts/{id}/cti"), USER, .subject = &account_subject, .writes = true,
		.in = &user_change_shape, HANDLE(cti_user_change),
		.summary = "Replace profile, numbers and default device of a user",
		.example = "{\"main_extension\":\"201\",\"call_summary_enabled\":true}" },
	ENDPOINTS_END,
};
