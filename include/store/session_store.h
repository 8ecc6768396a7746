/*
 * Sessions (JWTs by their jti) and the replay counters of DIGEST.
 */
#ifndef DIALTONE_STORE_SESSION_STORE_H
#define DIALTONE_STORE_SESSION_STORE_H

#include <stdint.h>

#include "store/store.h"

struct session_row {
	const char *jti;
	int64_t account_id;
	const char *audience, *ip, *user_agent;
	bool two_factor, otp_verified;
	int64_t expires_at;
};

MUST_CHECK enum err session_store_insert(struct store *st, const struct session_row *row);
/* ERR_NOT_FOUND when it is not live any more. */
MUST_CHECK enum err session_store_revoke(struct store *st, const char *jti);

/* Takes the request counter of a nonce: ERR_CONFLICT when it is not above the last one taken. */
MUST_CHECK enum err nonce_store_advance(
	struct store *st, const char *nonce, int64_t nc, int64_t expires_at);

#endif
