/* The token of a QR code login (accounts-api I.4, 9.2). Plain data. */
#ifndef DIALTONE_RESOURCES_AUTH_TOKENS_FIELDS_H
#define DIALTONE_RESOURCES_AUTH_TOKENS_FIELDS_H

#include "base/field.h"

#define AUTH_TOKEN_LENGTH 32 /* characters */

struct auth_token {
	int64_t id;
	const char *token; /* of a new one */
	const char *ip, *user_agent;
	int64_t created_at, updated_at;
};
extern const struct field auth_token_fields[];
extern const struct shape auth_token_shape;

#define AUTH_TOKEN_IN_PATH(st, member)                                            \
	FIELD_TEXT_AS(st, member, "auth_token", .in = FIELD_IN_PATH,              \
		.flags = FIELD_REQUIRED | FIELD_SECRET, .min = AUTH_TOKEN_LENGTH, \
		.max = AUTH_TOKEN_LENGTH, .doc = "The token of the QR code",      \
		.example = "7QQg4WdbfpPLVb3Ylh9mVIF7x6hR8j2I")

/* {auth_token} of a path. */
struct auth_token_path {
	const char *token;
};
extern const struct shape auth_token_path_shape;

/* What the one who is to attach it is shown. */
extern const struct shape auth_token_asker_shape;

#endif
