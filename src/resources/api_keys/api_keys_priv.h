/* API keys in the database. Only hashes are stored. */
#ifndef DIALTONE_RESOURCES_API_KEYS_API_KEYS_PRIV_H
#define DIALTONE_RESOURCES_API_KEYS_API_KEYS_PRIV_H

#include "resources/api_keys/api_key.h"
#include "service/service.h"

/* Replaces the account's own key. */
MUST_CHECK enum err key_store_replace_own(
	struct service *s, int64_t account_id, struct str hash, const char *ip);
MUST_CHECK enum err key_store_drop_own(struct service *s, int64_t account_id);
/* Adds a service key; ERR_NOT_FOUND: the account has as many as it may. */
MUST_CHECK enum err key_store_insert(struct service *s, int64_t account_id, struct str hash,
	const struct service_key_input *in, struct api_key *ret);
/* Adds counts[i] uses, just now, to the key with hashes[i], in hexadecimal. */
MUST_CHECK enum err key_store_count_uses(
	struct service *s, const char *const *hashes, const int64_t *counts, size_t n);

#endif
