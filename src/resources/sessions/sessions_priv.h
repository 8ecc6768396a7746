/* Sessions in the database: JWTs by their jti. */
#ifndef DIALTONE_RESOURCES_SESSIONS_SESSIONS_PRIV_H
#define DIALTONE_RESOURCES_SESSIONS_SESSIONS_PRIV_H

#include "resources/profiles/profile.h"
#include "resources/sessions/fields.h"
#include "service/service.h"

struct session_row {
	const char *jti;
	int64_t account_id;
	const char *audience, *ip, *user_agent;
	bool two_factor, otp_verified;
	int64_t expires_at;
};

/* *ret: what the account may do, read with it. */
MUST_CHECK enum err session_store_insert(
	struct service *s, const struct session_row *row, struct profile_grants *ret);
/* ERR_NOT_FOUND when it is not live any more. */
MUST_CHECK enum err session_store_revoke(struct service *s, const char *jti);
/* The same for a session of this account. */
MUST_CHECK enum err session_store_revoke_of(struct service *s, int64_t account_id, const char *jti);
/* They were used just now; written at most once a minute each. */
MUST_CHECK enum err session_store_touch(struct service *s, const char *const *jtis, size_t n);

#endif
