/*
 * Making API keys (accounts-api 3.3).  The clear key is returned once, and nowhere kept: the database
 * has its hash.  Whose key a request carries is identity/prove.h's business.
 */
#ifndef DIALTONE_RESOURCES_API_KEYS_API_KEY_H
#define DIALTONE_RESOURCES_API_KEYS_API_KEY_H

#include "service/service.h"
#include "resources/api_keys/fields.h"

/* The account's own key, bound to the client's address; the one before is gone. 40 characters. */
MUST_CHECK enum err api_key_replace_own(struct service *s, int64_t account_id, const char **ret);

/* Gone, if there is one; service keys stay. */
MUST_CHECK enum err api_key_drop_own(struct service *s, int64_t account_id);

/* A service key. ip NULL: any address. minutes: unused for so long it expires, 0 is never.
 * ERR_INVALID: the name is shorter than 3 or longer than 255 characters, or ip is none. */
MUST_CHECK enum err api_key_create(struct service *s, int64_t account_id, const char *name,
	const char *ip, int64_t minutes, const char **ret, int64_t *ret_id);

/* All keys, or those of one account (username and domain, else both NULL). */
MUST_CHECK enum err api_key_list(struct service *s, const char *username, const char *domain,
	struct api_key **ret, size_t *ret_count);
/* ERR_NOT_FOUND. */
MUST_CHECK enum err api_key_delete(struct service *s, int64_t id);

/* Writes the uses that were counted in s->key_uses (base/tally.h). */
void api_key_uses_flush(struct service *s);

#endif
