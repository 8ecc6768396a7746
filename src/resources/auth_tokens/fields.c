#include "resources/auth_tokens/fields.h"

/* clang-format off */
#define ASKER                                                                                       \
	FIELD_TEXT(auth_token, ip, .doc = "Address that had it made"),                              \
	FIELD_TEXT(auth_token, user_agent, .doc = "Program that had it made")
#define CREATED FIELD_TIME(auth_token, created_at, .doc = "When it was made; it is good for 5 minutes")
/* clang-format on */

const struct field auth_token_fields[] = {
	FIELD_INT(auth_token, id, .doc = "Identifier"),
	FIELD_TEXT(auth_token, token, .flags = FIELD_SECRET | FIELD_COMPUTED,
		.doc = "To be shown as a QR code"),
	CREATED,
	FIELD_TIME(auth_token, updated_at, .doc = "When it was last changed"),
	ASKER,
	FIELDS_END,
};
const struct shape auth_token_shape = { "AuthToken", auth_token_fields, sizeof(struct auth_token) };

static const struct field asker_fields[] = { ASKER, CREATED, FIELDS_END };
const struct shape auth_token_asker_shape = { "AuthTokenAsker", asker_fields,
	sizeof(struct auth_token) };

static const struct field path_fields[] = {
	AUTH_TOKEN_IN_PATH(auth_token_path, token),
	FIELDS_END,
};
const struct shape auth_token_path_shape = { "ByAuthToken", path_fields,
	sizeof(struct auth_token_path) };
