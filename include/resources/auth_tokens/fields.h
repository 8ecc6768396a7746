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

/* {auth_token} of a path. */
struct auth_token_path {
	const char *token;
};
extern const struct shape auth_token_path_shape;

/* What the one who is to attach it is shown. */
extern const struct shape auth_token_asker_shape;

#endif
