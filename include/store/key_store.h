/*
 * API keys in the database (accounts-api 3.3). Only hashes are stored.
 */
#ifndef DIALTONE_STORE_KEY_STORE_H
#define DIALTONE_STORE_KEY_STORE_H

#include "base/field.h"
#include "service/service.h"

struct api_key {
	int64_t id;
	const char *username, *domain;
	const char *name; /* NULL: the account's own key */
	const char *ip;   /* NULL: any */
	int64_t requests, last_used_at, created_at;
	const char *expires; /* minutes as text, NULL: the server's setting */
};
extern const struct field api_key_fields[];

/* Replaces the account's own key. */
MUST_CHECK enum err key_store_replace_own(
	struct service *s, int64_t account_id, const uint8_t hash[32], const char *ip);
/* Adds a service key. minutes: unused for so long it expires, 0 is never. ip may be NULL. */
MUST_CHECK enum err key_store_insert(struct service *s, int64_t account_id, const uint8_t hash[32],
	const char *name, const char *ip, int64_t minutes, int64_t *ret_id);
/* All keys, or those of one account (username and domain, else both NULL). */
MUST_CHECK enum err key_store_list(struct service *s, const char *username, const char *domain,
	struct api_key **ret, size_t *ret_count);
/* ERR_NOT_FOUND. */
MUST_CHECK enum err key_store_delete(struct service *s, int64_t id);
/* Adds counts[i] uses, just now, to the key with hashes[i], in hexadecimal. */
MUST_CHECK enum err key_store_count_uses(
	struct service *s, const char *const *hashes, const int64_t *counts, size_t n);

#endif
