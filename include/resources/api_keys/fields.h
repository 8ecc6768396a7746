/* An API key as administrators see it (accounts-api 3.3). */
#ifndef DIALTONE_RESOURCES_API_KEYS_FIELDS_H
#define DIALTONE_RESOURCES_API_KEYS_FIELDS_H

#include "base/field.h"

struct api_key {
	int64_t id;
	const char *username, *domain;
	const char *name; /* NULL: the account's own key */
	const char *ip;   /* NULL: any */
	int64_t requests, last_used_at, created_at;
	const char *expires; /* minutes as text, NULL: the server's setting */
};
extern const struct field api_key_fields[];

#endif
