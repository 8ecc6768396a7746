/* Changes of the own e-mail address and phone number (accounts-api I.8, I.9, II.7). */
#include "http/ctx.h"
#include "phone/phone.h"
#include "resources/contact_changes/contact_change.h"
#include "base/syntax.h"

struct email_input {
	const char *email;
};
static const struct field email_fields[] = {
	FIELD_TEXT(email_input, email, .flags = FIELD_REQUIRED, .max = ACCOUNT_EMAIL_MAX,
		.check = email_check, .doc = "The new address", .example = "alice@example.org"),
	FIELDS_END,
};
static const struct shape email_shape = { "EmailChange", email_fields, sizeof(struct email_input) };

struct phone_input {
	const char *phone;
};
static const struct field phone_fields[] = {
	FIELD_TEXT(phone_input, phone, .flags = FIELD_REQUIRED, .check = phone_number_check,
		.doc = "The new number, E.164", .example = "+33612345678"),
	FIELDS_END,
};
static const struct shape phone_shape = { "PhoneChange", phone_fields, sizeof(struct phone_input) };

struct code_input {
	const char *code;
};
static const struct field code_fields[] = {
	FIELD_TEXT(code_input, code, .flags = FIELD_REQUIRED | FIELD_SECRET | FIELD_DIGITS,
		.check = pin_check, .doc = "Four digits, as they were sent"),
	FIELDS_END,
};
static const struct shape code_shape = { "ChangeCode", code_fields, sizeof(struct code_input) };

static enum err request(struct ctx *c, enum contact_kind kind, const char *value)
{
	return contact_change_request(
		c->service, &c->caller->identity, kind, value, language_tags[c->request->language]);
}

static enum err me_email_request(struct ctx *c)
{
	return request(c, CONTACT_EMAIL, ((const struct email_input *)c->in)->email);
}

static enum err me_phone_request(struct ctx *c)
{
	return request(c, CONTACT_PHONE, ((const struct phone_input *)c->in)->phone);
}

static enum err confirm(struct ctx *c, enum contact_kind kind)
{
	const struct code_input *in = c->in;

	return contact_change_confirm(c->service, &c->caller->identity, kind, in->code, c->out);
}

static enum err me_email(struct ctx *c)
{
	return confirm(c, CONTACT_EMAIL);
}

static enum err me_phone(struct ctx *c)
{
	return confirm(c, CONTACT_PHONE);
}

#define MINE .auth = AUTH_USER, .tag = "My account"
#define REQUEST                                                            \
	MINE, .untold = "a code is sent; what is changed with it is told", \
	      .flags = ROW_ON_BAD_FIELDS, .refusals = { &not_validated },  \
	      .errors = { ERR_BLOCKED }
#define CONFIRM                                                                 \
	MINE, .flags = ROW_BODY_ONLY, .in = &code_shape, .out = &account_shape, \
	      .reader = READER_SELF, .refusals = { &contact_code_over },        \
	      .errors = { ERR_NOT_FOUND }, .example = "{\"code\":\"1234\"}"

const struct endpoint contact_changes_endpoints[] = {
	{ POST("/api/accounts/me/email/request"), REQUEST, .in = &email_shape,
		HANDLE(me_email_request),
		.summary = "Ask for another e-mail address: a code is sent to it",
		.example = "{\"email\":\"alice@example.org\"}" },
	{ POST("/api/accounts/me/email"), CONFIRM, HANDLE(me_email),
		.summary = "Take the e-mail address to which this code was sent" },
	{ POST("/api/accounts/me/phone/request"), REQUEST, .in = &phone_shape,
		HANDLE(me_phone_request),
		.summary = "Ask for another phone number: a code is sent to it",
		.example = "{\"phone\":\"+33612345678\"}" },
	{ POST("/api/accounts/me/phone"), CONFIRM, HANDLE(me_phone),
		.summary = "Take the phone number to which this code was sent" },
	ENDPOINTS_END,
};
