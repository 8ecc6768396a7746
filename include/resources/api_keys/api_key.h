/*
 * Making API keys (accounts-api 3.3).  The clear key is returned once, and nowhere kept: the database
 * has its hash.  Whose key a request carries is identity/prove.h's business.
 */
#ifndef DIALTONE_RESOURCES_API_KEYS_API_KEY_H
#define DIALTONE_RESOURCES_API_KEYS_API_KEY_H

#include "base/rows.h"
#include "base/subject.h"
#include "service/service.h"
#include "resources/api_keys/fields.h"

#define API_KEYS_MAX 200 /* service keys of an account */

/* The account's own key, bound to the client's address; the one before is gone. 40 characters. */
MUST_CHECK enum err api_key_replace_own(struct service *s, int64_t account_id, const char **ret);
/* The same for the account that was attached to the token of a QR code, which is used up.  Inside a
 * transaction.  ERR_NOT_FOUND: no such token, or it still waits. */
MUST_CHECK enum err api_key_by_auth_token(struct service *s, const char *token, const char **ret);

/* Gone, if there is one, and the tokens that would have become one; service keys stay. */
MUST_CHECK enum err api_key_drop_own(struct service *s, int64_t account_id);

/* What a service key is to be. */
struct service_key_input {
	const char *name;
	const char *ip;  /* NULL: any address */
	int64_t minutes; /* unused for so long it expires, 0 is never */
};

/* *ret has the key in clear.  limit_reached: the account has API_KEYS_MAX.
 * ERR_INVALID: the name is shorter than 3 or longer than 255 characters, or ip is none. */
MUST_CHECK enum err api_key_create(struct service *s, int64_t account_id,
	const struct service_key_input *in, struct api_key *ret);

/* {id} of a path: struct api_key, a service key of the caller's space. */
extern const struct subject service_key_subject;
/* Service keys of the space, by id: struct service_key. */
extern const struct subject service_keys_of_space;

/* All keys, or those of one account (username and domain, else both NULL). */
MUST_CHECK enum err api_key_list(struct service *s, const char *username, const char *domain,
	struct api_key **ret, size_t *ret_count);
/* ERR_NOT_FOUND. */
MUST_CHECK enum err api_key_delete(struct service *s, int64_t id);

/* Writes the uses that were counted in s->key_uses (base/tally.h). */
void api_key_uses_flush(struct service *s);

#endif
