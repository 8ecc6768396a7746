/* Accounts that people make for themselves (accounts-api I.5). */
#include "base/json_schema.h"
#include "http/ctx.h"
#include "resources/accounts/input.h"
#include "resources/creation_tokens/fields.h"
#include "resources/registration/registration.h"
#include "service/caller.h"

/* clang-format off */
#define REGISTRATION_TOKEN                                                                          \
	FIELD_TEXT(registration, account_creation_token, .flags = FIELD_REQUIRED | FIELD_SECRET,    \
		.min = CREATION_TOKEN_LENGTH, .max = CREATION_TOKEN_LENGTH,                         \
		.doc = "Used up with the account")
#define NOT_THEIRS "Refused: administrators say it"
/* clang-format on */

static const struct field with_token_fields[] = {
	ACCOUNT_LOGIN_FIELDS(
		registration, account., FIELD_REQUIRED, FIELD_REQUIRED, "That of the space"),
	FIELD_TEXT_AS(registration, account.dtmf_protocol, "dtmf_protocol",
		.one_of = account_dtmf_protocols, .doc = "How it sends DTMF"),
	REGISTRATION_TOKEN,
	FIELD_TEXT_AS(registration, account_creation_token, "token",
		.flags = FIELD_ALIAS | FIELD_SECRET, .min = CREATION_TOKEN_LENGTH,
		.max = CREATION_TOKEN_LENGTH, .doc = "Older name of account_creation_token"),
	FIELD_JSON(registration, admin, .doc = NOT_THEIRS,
		.schema = SCHEMA_ANY_OF(SCHEMA_FLAG, SCHEMA_NULL)),
	FIELD_JSON(registration, activated, .doc = NOT_THEIRS,
		.schema = SCHEMA_ANY_OF(SCHEMA_FLAG, SCHEMA_NULL)),
	FIELDS_END,
};
static const struct shape with_token_shape = { "AccountRegistration", with_token_fields,
	sizeof(struct registration) };

static enum err account_add_with_token(struct ctx *c)
{
	return account_register(c->service, c->caller->space, c->in, c->out);
}

#define WITH_TOKEN                                                                   \
	.auth = AUTH_PUBLIC, .tag = "Account creation", .writes = true,              \
	.flags = ROW_ON_BAD_FIELDS | ROW_BODY_ONLY, .in = &with_token_shape,         \
	.out = &account_shape, .reader = READER_SELF, .refusals = { &space_full },   \
	.example = "{\"username\":\"robin.example\",\"password\":\"correct horse\"," \
		   "\"account_creation_token\":\"JpRSNHcldqdnf\"}"

const struct endpoint registration_endpoints[] = {
	{ POST("/api/accounts/with-account-creation-token"), WITH_TOKEN,
		HANDLE(account_add_with_token),
		.summary = "Create an account with an account creation token" },
	{ POST("/api/accounts/with-token"), WITH_TOKEN,
		HANDLE_AS(account_add_with_token, "account_add_with_token_alias"),
		.summary = "The same, as older clients call it" },
	ENDPOINTS_END,
};
