/* An API key as administrators see it (accounts-api 3.3). */
#ifndef DIALTONE_RESOURCES_API_KEYS_FIELDS_H
#define DIALTONE_RESOURCES_API_KEYS_FIELDS_H

#include "base/field.h"

#define API_KEY_NAME_MIN    3 /* characters */
#define API_KEY_NAME_MAX    255
#define API_KEY_MINUTES_MAX 52560000 /* a hundred years */

struct api_key {
	int64_t id, account_id;
	const char *username, *domain;
	const char *name; /* NULL: the account's own key */
	const char *ip;   /* NULL: any */
	int64_t requests, last_used_at, created_at;
	const char *expires;                     /* minutes as text, NULL: the server's setting */
	int64_t expires_after_last_used_minutes; /* of a service key */
	const char *key;                         /* in clear: of one that was just made */
};
extern const struct field api_key_fields[]; /* for operators */

/* Service keys: those with a name. */
extern const struct field service_key_fields[];
extern const struct shape service_key_shape, service_key_made_shape; /* the latter with the key */

#endif
