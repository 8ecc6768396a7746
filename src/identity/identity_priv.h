/*
 * Who is behind a credential: one statement per request, with the account itself in the same row
 * when the endpoint wants it (stack-notes section 2, "What authentication costs").
 */
#ifndef DIALTONE_IDENTITY_IDENTITY_PRIV_H
#define DIALTONE_IDENTITY_IDENTITY_PRIV_H

#include "service/caller.h"
#include "identity/password.h"
#include "service/service.h"
#include "service/subject.h"

/* The key's owner. ERR_NOT_FOUND: no such key, bound to another address, or unused for longer than
 * its minutes (own_minutes for an account's own key; 0 is never). */
MUST_CHECK enum err identity_store_by_key(struct service *s, struct str hash, int64_t own_minutes,
	bool with_account, struct subject_lookup *also, struct identity *ret);

/* The owner of a live session. ERR_NOT_FOUND: unknown, revoked or expired. */
MUST_CHECK enum err identity_store_by_session(struct service *s, const char *jti, bool with_account,
	struct subject_lookup *also, struct identity *ret);

/* Say ahead that these will be asked (pg_ahead()). */
void identity_store_by_key_ahead(struct service *s, struct str hash, int64_t own_minutes,
	bool with_account, struct subject_lookup *also);
void identity_store_by_session_ahead(
	struct service *s, const char *jti, bool with_account, struct subject_lookup *also);

/* Whose password is to be checked, and the counters of wrong ones (identity/guesses.h): of the name
 * and the network together, of the name, of the network. */
struct login_query {
	const char *username, *domain, *network;
	const char *pair, *total, *address;
	int64_t pair_limit, total_limit, address_limit;
};

/* lock.c */
void login_query_init(
	struct service *s, const char *username, const char *domain, struct login_query *ret);

/* One row for known and unknown alike. */
MUST_CHECK enum err identity_store_login(
	struct service *s, const struct login_query *q, struct login_row *ret);

/* The account logged in from there, now; the 20 newest networks are kept. */
MUST_CHECK enum err known_network_add(struct service *s, int64_t account_id, const char *network);

/* Takes the request counter of a nonce: ERR_CONFLICT when it is not above the last one taken. */
MUST_CHECK enum err nonce_store_advance(
	struct service *s, const char *nonce, int64_t nc, int64_t expires_at);

#endif
