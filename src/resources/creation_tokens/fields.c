#include "resources/creation_tokens/fields.h"

const struct field creation_token_fields[] = {
	FIELD_TEXT(creation_token, token, .flags = FIELD_COMPUTED | FIELD_SECRET,
		.doc = "Lets one account be made; shown now and never again"),
	FIELD_TIME(creation_token, expire_at, .column = "expires_at",
		.doc = "End of the token; null is never"),
	FIELD_TEXT(creation_token, ip, .doc = "Address it was asked for from"),
	FIELD_TEXT(creation_token, user_agent, .doc = "Program it was asked for with"),
	FIELD_BOOL(creation_token, used, .doc = "It opens nothing any more"),
	FIELD_INT(creation_token, account_id, .flags = FIELD_NULLABLE,
		.doc = "Account that was made with it, or that it proves a person's"),
	FIELDS_END,
};
const struct shape creation_token_shape = { "AccountCreationToken", creation_token_fields,
	sizeof(struct creation_token) };
