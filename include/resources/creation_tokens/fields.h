/* Tokens with which people make accounts, as they read them (O-CREATION-TOKEN, accounts-api section 4). */
#ifndef DIALTONE_RESOURCES_CREATION_TOKENS_FIELDS_H
#define DIALTONE_RESOURCES_CREATION_TOKENS_FIELDS_H

#include "base/field.h"

#define CREATION_TOKEN_LENGTH 13 /* accounts-api 1.7; of all three kinds */

struct creation_token {
	const char *token; /* stored nowhere: as it was made, or as it was given */
	int64_t expire_at; /* 0: never */
	const char *ip, *user_agent;
	bool used;
	int64_t account_id; /* 0: of no account yet */
};
extern const struct field creation_token_fields[];
extern const struct shape creation_token_shape; /* "AccountCreationToken" */

#endif
