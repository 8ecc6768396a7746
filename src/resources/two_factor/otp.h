/*
 * Showing the second factor: at the end of its set-up, and as the second step of a login (cti-api 1.8,
 * 1.12, 5.2, 5.5, 5.6 and 5.40).
 *
 * The subject is the caller's account and no other.  A guess is counted before it is looked at, so
 * that parallel ones cannot outrun the limit: 5 in 15 minutes, then a lock that doubles; 10 with one
 * session end it.
 */
#ifndef DIALTONE_RESOURCES_TWO_FACTOR_OTP_H
#define DIALTONE_RESOURCES_TWO_FACTOR_OTP_H

#include "base/arena.h"
#include "service/service.h"
#include "resources/sessions/session.h"
#include "service/caller.h"

struct otp_answer {
	const char *username; /* NULL: not given */
	const char *otp;      /* six digits */
};

extern const struct refusal username_mismatch, otp_no_secret, otp_wrong;

/* The six digits of a typed code, which authenticator apps show as "123 456"; NULL when it is anything
 * else. */
const char *otp_parse(struct arena *arena, const char *typed);

/*
 * Puts a verified session in the place of the caller's.  After a set-up all others have ended.
 *   username_mismatch   the answer names another user
 *   otp_no_secret       nothing is set up
 *   otp_wrong           wrong, or its time step was used before
 *   ERR_TOO_MANY        too many guesses: s->retry_after_s
 *   ERR_TOKEN_REVOKED   the session ended meanwhile
 */
MUST_CHECK enum err otp_verify(struct service *s, const struct identity *who,
	const struct otp_answer *answer, struct opened_session *ret);
/* A code of the factor that is on, beside the password, where no session has shown one.
 * otp_wrong, otp_no_secret: it is off, ERR_TOO_MANY. */
MUST_CHECK enum err otp_show_again(struct service *s, const struct identity *who, const char *otp);

#endif
