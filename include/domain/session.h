/*
 * The sessions of an account: opened by logging in, listed for their owner, ended one by one or all
 * at once (cti-api 1.3 and 4.3), and the persistent tokens of its programs (4.2).
 *
 * That relays hear of an end is the database's business (sql/0006_two_factor.sql).
 */
#ifndef DIALTONE_DOMAIN_SESSION_H
#define DIALTONE_DOMAIN_SESSION_H

#include "service/service.h"
#include "domain/reach.h"
#include "service/caller.h"
#include "model/session.h"

struct cti_token {
	const char *token;
	const char *jti;
	int64_t expires_at; /* microseconds */
	struct reach reach;
};

/* What a new session is for. */
struct session_purpose {
	const char *audience;          /* NULL: a login */
	bool two_factor, otp_verified; /* has a second factor; it was shown */
	bool must_enrol;               /* has none and has to */
	int64_t seconds;               /* its life */
};

/* Opens one for this account and makes its token. */
MUST_CHECK enum err session_open(struct service *s, const struct identity *who,
	const struct session_purpose *purpose, struct cti_token *ret);
/* Writes the copy relays read. */
void session_copy_open(struct service *s, const struct identity *who,
	const struct session_purpose *purpose, const struct cti_token *token);

/* Newest first; the caller's own is marked. */
MUST_CHECK enum err session_list(
	struct service *s, const struct identity *who, struct session **ret, size_t *ret_count);
/* ERR_NOT_FOUND: not one of the caller's. */
MUST_CHECK enum err session_end(struct service *s, const struct identity *who, const char *jti);
/* All but the caller's own. */
MUST_CHECK enum err session_end_others(struct service *s, const struct identity *who);

/* Every one. */
MUST_CHECK enum err session_end_all(struct service *s, int64_t account_id);

/* The programs a persistent token may be for, NULL-terminated. */
extern const char *const session_audiences[];

/* Inside a transaction: makes the one token of this audience; the one before ends. */
MUST_CHECK enum err persistent_token_make(
	struct service *s, const struct identity *who, const char *audience, struct cti_token *ret);
MUST_CHECK enum err persistent_token_exists(
	struct service *s, const struct identity *who, const char *audience, bool *ret);
/* Also when there is none. */
MUST_CHECK enum err persistent_token_end(
	struct service *s, const struct identity *who, const char *audience);

#endif
