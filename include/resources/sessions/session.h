/*
 * The sessions of an account: opened by logging in, listed for their owner, ended one by one or all
 * at once (cti-api 1.3 and 4.3).
 *
 * That relays hear of an end is the database's business: a trigger puts it into the outbox, so code
 * that ends sessions has nothing more to do.
 */
#ifndef DIALTONE_RESOURCES_SESSIONS_SESSION_H
#define DIALTONE_RESOURCES_SESSIONS_SESSION_H

#include "base/rows.h"
#include "base/subject.h"
#include "service/service.h"
#include "permissions/permissions.h"
#include "service/caller.h"
#include "resources/sessions/fields.h"

struct opened_session {
	const char *token;
	const char *jti;
	int64_t expires_at; /* microseconds */
	struct permissions permissions;
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
	const struct session_purpose *purpose, struct opened_session *ret);
/* Writes the copy relays read. */
void session_copy_open(struct service *s, const struct identity *who,
	const struct session_purpose *purpose, const struct opened_session *token);

/* Writes the copy relays read again, for one that was lost; a session of the HMAC login has none.
 * *ret: what a relay has to know. */
MUST_CHECK enum err session_copy_renew(
	struct service *s, const struct identity *who, struct permissions *ret);

/* The live ones of the caller, newest first, a thousand at most: struct session. */
extern const struct subject sessions_own;
/* Marks the one that is in use. */
void session_list_mark(const struct identity *who, struct rows *list);
/* {jti} of a path: struct session, one of the caller's live ones. */
extern const struct subject session_subject;
/* ERR_NOT_FOUND: it has ended meanwhile. */
MUST_CHECK enum err session_end(
	struct service *s, const struct identity *who, const struct session *session);
/* All but the caller's own. */
MUST_CHECK enum err session_end_others(struct service *s, const struct identity *who);

/* All sessions of the account but those two, each of which may be NULL. */
MUST_CHECK enum err session_end_all_but(
	struct service *s, int64_t account_id, const char *but, const char *and_but);
/* Puts a new session in the place of an old one, which stays live for so many seconds.
 * ERR_NOT_FOUND when the old one has ended or was replaced before. */
MUST_CHECK enum err session_replace(
	struct service *s, const char *old_jti, const char *new_jti, int64_t grace_s);
/* Counts a wrong code against the session, which ends at the limit. */
MUST_CHECK enum err session_count_wrong_code(struct service *s, const char *jti, int64_t limit);

/* Whether the account has a live session for this audience. */
MUST_CHECK enum err session_exists_for(
	struct service *s, int64_t account_id, const char *audience, bool *ret);
/* Ends it. Inside a transaction no other request opens one before its end. */
MUST_CHECK enum err session_end_for(struct service *s, int64_t account_id, const char *audience);

/* Writes the uses that were counted in s->session_uses (base/tally.h). */
void session_uses_flush(struct service *s);

#endif
