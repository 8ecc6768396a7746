/* What old clients do to create, confirm and recover accounts (accounts-api I.5): four of these calls are there only
 * with the setting dangerous_endpoints. */
#include "base/syntax.h"
#include "http/ctx.h"
#include "phone/phone.h"
#include "resources/accounts/input.h"
#include "resources/creation_tokens/fields.h"
#include "resources/registration/confirmation.h"
#include "resources/registration/registration.h"
#include "service/caller.h"

static const struct field public_fields[] = {
	ACCOUNT_LOGIN_FIELDS(registration, account., 0, FIELD_REQUIRED, "That of the space"),
	FIELD_TEXT_AS(registration, account.email, "email", .max = ACCOUNT_EMAIL_MAX,
		.check = email_check, .doc = "Gets the confirmation key",
		.example = "alice@example.org"),
	FIELD_TEXT_AS(registration, account.phone, "phone", .check = phone_number_check,
		.doc = "Gets it where there is no e-mail address; the name where there is none",
		.example = "+33612345678"),
	FIELD_TEXT(registration, account_creation_token, .flags = FIELD_REQUIRED | FIELD_SECRET,
		.min = CREATION_TOKEN_LENGTH, .max = CREATION_TOKEN_LENGTH,
		.doc = "Used up with the account"),
	FIELDS_END,
};
static const struct shape public_shape = { "AccountRegistrationPublic", public_fields,
	sizeof(struct registration) };

struct recovery_input {
	const char *phone, *token;
};
static const struct field recovery_fields[] = {
	FIELD_TEXT(recovery_input, phone, .flags = FIELD_REQUIRED, .check = phone_number_check,
		.doc = "Of the account", .example = "+33612345678"),
	FIELD_TEXT_AS(recovery_input, token, "account_creation_token",
		.flags = FIELD_REQUIRED | FIELD_SECRET, .min = CREATION_TOKEN_LENGTH,
		.max = CREATION_TOKEN_LENGTH, .doc = "Used up"),
	FIELDS_END,
};
static const struct shape recovery_shape = { "AccountRecovery", recovery_fields,
	sizeof(struct recovery_input) };

struct phone_path {
	const char *phone;
};
static const struct field phone_path_fields[] = {
	FIELD_TEXT(phone_path, phone, .in = FIELD_IN_PATH, .doc = "Phone number with its +",
		.example = "+33612345678"),
	FIELDS_END,
};
static const struct shape phone_path_shape = { "PhonePath", phone_path_fields,
	sizeof(struct phone_path) };

struct phone_info {
	bool activated;
	const char *realm;
	bool phone;
};
static const struct field phone_info_fields[] = {
	FIELD_BOOL(phone_info, activated, .doc = "May register at a SIP server"),
	FIELD_TEXT(phone_info, realm, .doc = "DIGEST realm where it is not the domain"),
	FIELD_BOOL(phone_info, phone, .doc = "False: the number is only its name"),
	FIELDS_END,
};
static const struct shape phone_info_shape = { "PhoneInfo", phone_info_fields,
	sizeof(struct phone_info) };

struct key_path {
	const char *recover_key;
};
static const struct field key_path_fields[] = {
	FIELD_TEXT(key_path, recover_key, .in = FIELD_IN_PATH, .flags = FIELD_SECRET,
		.doc = "As it was sent"),
	FIELDS_END,
};
static const struct shape key_path_shape = { "RecoverKeyPath", key_path_fields,
	sizeof(struct key_path) };

struct key_input {
	const char *key;
};

/* clang-format off */
#define KEY_FIELDS(...)                                                                             \
	FIELD_TEXT_AS(key_input, key, "confirmation_key",                                           \
		.flags = FIELD_REQUIRED | FIELD_SECRET | FIELD_DIGITS, __VA_ARGS__,                 \
		.doc = "As it was sent"),                                                           \
	FIELD_TEXT_AS(key_input, key, "code", .flags = FIELD_ALIAS | FIELD_SECRET | FIELD_DIGITS,   \
		__VA_ARGS__, .doc = "Older name of confirmation_key")
/* clang-format on */
static const struct field email_key_fields[] = {
	KEY_FIELDS(.min = CONFIRMATION_KEY_LENGTH, .max = CONFIRMATION_KEY_LENGTH),
	FIELDS_END,
};
static const struct field phone_key_fields[] = { KEY_FIELDS(.check = pin_check), FIELDS_END };
static const struct shape email_key_shape = { "EmailConfirmation", email_key_fields,
	sizeof(struct key_input) };
static const struct shape phone_key_shape = { "PhoneConfirmation", phone_key_fields,
	sizeof(struct key_input) };

static const char *language_of(const struct ctx *c)
{
	return language_tags[c->request->language];
}

static enum err account_add_public(struct ctx *c)
{
	return account_register_public(c->service, c->caller->space, c->in, language_of(c), c->out);
}

static enum err account_recover_phone(struct ctx *c)
{
	const struct recovery_input *in = c->in;

	return account_recover_by_phone(
		c->service, c->caller->space, in->phone, in->token, language_of(c));
}

static enum err account_info_by_phone(struct ctx *c)
{
	const struct phone_path *in = c->in;
	struct phone_info *out = c->out;
	struct phone_number number;
	struct account found;

	if (!phone_number_parse(str_from(in->phone), &number)) {
		field_errors_add(&c->errors, "phone", &text_phone);
		return ERR_INVALID;
	}
	enum err e = account_find(
		c->service, c->caller->space->domain, ACCOUNT_BY_PHONE, number.e164, &found);
	if (e == ERR_OK)
		*out = (struct phone_info){ found.activated, found.realm, found.phone != NULL };
	return e;
}

/* HEAD uses no key up, and is no way to try keys for nothing. */
static enum err account_recover_with_key(struct ctx *c)
{
	const struct key_path *in = c->in;

	return c->request->method == METHOD_HEAD
		       ? confirmation_look(c->service, c->subject, in->recover_key)
		       : confirmation_recover(c->service, c->subject, in->recover_key, c->out);
}

static enum err activate(struct ctx *c, enum confirmation_kind kind)
{
	const struct key_input *in = c->in;

	return confirmation_use(c->service, c->subject, kind, in->key, c->out);
}

static enum err account_activate_email(struct ctx *c)
{
	return activate(c, CONFIRMATION_EMAIL);
}

static enum err account_activate_phone(struct ctx *c)
{
	return activate(c, CONFIRMATION_PHONE);
}

#define OLD       .auth = AUTH_PUBLIC, .tag = "Account creation, older clients"
#define DANGEROUS " (with the setting dangerous_endpoints)"
#define ACCOUNT   .out = &account_shape, .reader = READER_SELF
#define ACTIVATE                                                          \
	OLD, ACCOUNT, .subject = &account_by_sip, .flags = ROW_BODY_ONLY, \
		      .refusals = { &confirmation_over }, .errors = { ERR_BLOCKED }

const struct endpoint registration_deprecated_endpoints[] = {
	{ POST("/api/accounts/public"), OLD, ACCOUNT, .writes = true,
		.flags = ROW_DANGEROUS | ROW_ON_BAD_FIELDS | ROW_BODY_ONLY, .in = &public_shape,
		.refusals = { &space_full }, HANDLE(account_add_public),
		.summary = "Create an account; a confirmation key is sent" DANGEROUS,
		.example = "{\"username\":\"robin.example\",\"password\":\"correct horse\","
			   "\"email\":\"alice@example.org\","
			   "\"account_creation_token\":\"JpRSNHcldqdnf\"}" },
	{ POST("/api/accounts/recover-by-phone"), OLD, .writes = true,
		.untold = "a code is sent; what is changed with it is told",
		.flags = ROW_DANGEROUS | ROW_ON_BAD_FIELDS | ROW_BODY_ONLY, .in = &recovery_shape,
		HANDLE(account_recover_phone), .summary = "Send a recover key by SMS" DANGEROUS,
		.example = "{\"phone\":\"+33612345678\","
			   "\"account_creation_token\":\"JpRSNHcldqdnf\"}" },
	{ GET("/api/accounts/{phone}/info-by-phone"), OLD, .flags = ROW_DANGEROUS,
		.in = &phone_path_shape, .out = &phone_info_shape, .exchanges = 2,
		HANDLE(account_info_by_phone),
		.summary = "Tell whether a number has an account" DANGEROUS },
	{ GET("/api/accounts/{sip}/recover/{recover_key}"), OLD, ACCOUNT,
		.flags = ROW_DANGEROUS | ROW_ONCE, .subject = &account_by_sip_phone,
		.in = &key_path_shape, .refusals = { &confirmation_over },
		.errors = { ERR_BLOCKED }, .exchanges = 6, HANDLE(account_recover_with_key),
		.summary = "Activate an account and read the HA1 of its passwords" DANGEROUS },
	{ POST("/api/accounts/{sip}/activate/email"), ACTIVATE, .in = &email_key_shape,
		HANDLE(account_activate_email),
		.summary = "Activate an account with the key that was sent by mail",
		.example = "{\"confirmation_key\":\"JpRSNHcldqdnf\"}" },
	{ POST("/api/accounts/{sip}/activate/phone"), ACTIVATE, .in = &phone_key_shape,
		HANDLE(account_activate_phone),
		.summary = "Activate an account with the digits that were sent by SMS",
		.example = "{\"confirmation_key\":\"0123\"}" },
	ENDPOINTS_END,
};
