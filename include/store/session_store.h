/*
 * Sessions (JWTs by their jti) and the replay counters of DIGEST.
 *
 * That relays hear of every end is the database's business (sql/0006): whoever ends sessions here
 * has nothing more to do.
 */
#ifndef DIALTONE_STORE_SESSION_STORE_H
#define DIALTONE_STORE_SESSION_STORE_H

#include <stdint.h>

#include "model/session.h"
#include "service/service.h"

struct session_row {
	const char *jti;
	int64_t account_id;
	const char *audience, *ip, *user_agent;
	bool two_factor, otp_verified;
	int64_t expires_at;
};

MUST_CHECK enum err session_store_insert(struct service *s, const struct session_row *row);
/* ERR_NOT_FOUND when it is not live any more. */
MUST_CHECK enum err session_store_revoke(struct service *s, const char *jti);
/* The same for a session of this account. */
MUST_CHECK enum err session_store_revoke_of(struct service *s, int64_t account_id, const char *jti);
/* All sessions of the account but those two, each of which may be NULL. */
MUST_CHECK enum err session_store_revoke_all(
	struct service *s, int64_t account_id, const char *but, const char *and_but);
/* Puts a new session in the place of an old one, which stays live for so many seconds.
 * ERR_NOT_FOUND when the old one has ended or was replaced before. */
MUST_CHECK enum err session_store_replace(
	struct service *s, const char *old_jti, const char *new_jti, int64_t grace_s);
/* Counts a wrong code against the session, which ends at the limit. */
MUST_CHECK enum err session_store_wrong_code(struct service *s, const char *jti, int64_t limit);
/* The live ones, newest first; an array in the arena. */
MUST_CHECK enum err session_store_list(
	struct service *s, int64_t account_id, struct session **ret, size_t *ret_count);
/* They were used just now; written at most once a minute each. */
MUST_CHECK enum err session_store_touch(struct service *s, const char *const *jtis, size_t n);

/* Whether the account has a live session for this audience. */
MUST_CHECK enum err session_store_has_audience(
	struct service *s, int64_t account_id, const char *audience, bool *ret);
/* Ends it. Inside a transaction nobody else opens one before its end. */
MUST_CHECK enum err session_store_revoke_audience(
	struct service *s, int64_t account_id, const char *audience);

/* Takes the request counter of a nonce: ERR_CONFLICT when it is not above the last one taken. */
MUST_CHECK enum err nonce_store_advance(
	struct service *s, const char *nonce, int64_t nc, int64_t expires_at);

#endif
