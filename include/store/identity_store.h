/*
 * Who is behind a credential: one statement per request, with the account itself in the same row
 * when the endpoint wants it (stack-notes section 2, "What authentication costs").
 */
#ifndef DIALTONE_STORE_IDENTITY_STORE_H
#define DIALTONE_STORE_IDENTITY_STORE_H

#include "model/identity.h"
#include "store/store.h"

/* The key's owner. ERR_NOT_FOUND: no such key, bound to another address, or unused for longer than
 * its minutes (own_minutes for an account's own key; 0 is never). */
MUST_CHECK enum err identity_store_by_key(struct store *st, struct arena *arena,
	const uint8_t hash[32], const char *ip, int64_t own_minutes, bool with_account,
	struct identity *ret);

/* The owner of a live session. ERR_NOT_FOUND: unknown, revoked or expired. */
MUST_CHECK enum err identity_store_by_session(struct store *st, struct arena *arena,
	const char *jti, bool with_account, struct identity *ret);

/* An account with its HA1s. */
MUST_CHECK enum err identity_store_credentials(struct store *st, struct arena *arena,
	const char *username, const char *domain, struct credentials *ret);

#endif
