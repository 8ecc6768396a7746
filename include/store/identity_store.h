/*
 * Who is behind a credential: one statement per request, with the account itself in the same row
 * when the endpoint wants it (stack-notes section 2, "What authentication costs").
 */
#ifndef DIALTONE_STORE_IDENTITY_STORE_H
#define DIALTONE_STORE_IDENTITY_STORE_H

#include "service/caller.h"
#include "service/service.h"

/* The key's owner. ERR_NOT_FOUND: no such key, bound to another address, or unused for longer than
 * its minutes (own_minutes for an account's own key; 0 is never). */
MUST_CHECK enum err identity_store_by_key(struct service *s, const uint8_t hash[32], const char *ip,
	int64_t own_minutes, bool with_account, struct identity *ret);

/* The owner of a live session. ERR_NOT_FOUND: unknown, revoked or expired. */
MUST_CHECK enum err identity_store_by_session(
	struct service *s, const char *jti, bool with_account, struct identity *ret);

/* An account with its HA1s. */
MUST_CHECK enum err identity_store_credentials(
	struct service *s, const char *username, const char *domain, struct credentials *ret);

/* Whose password is to be checked, and the counters of wrong ones (store/guess_store.h). */
struct login_query {
	const char *username, *domain;
	const char *account_subject, *address_subject;
	int64_t account_limit, address_limit;
};

struct login_row {
	struct credentials credentials; /* account_id 0: there is no such account */
	bool two_factor;                /* it has a second factor */
	bool must_enrol;                /* it has to have one by now */
	bool required;                  /* its space requires one of everybody */
	bool failed;                    /* wrong passwords are counted for the account */
	int64_t wait_s;                 /* above 0: refused for so long */
};

/* One row for known and unknown alike. */
MUST_CHECK enum err identity_store_login(
	struct service *s, const struct login_query *q, struct login_row *ret);

#endif
