/*
 * What the API counts of what it decides, declared once: from the rows come the figures.  Counts of a worker are its
 * own (base/counter.h); other programs have none.
 *
 *   X(NOUN, family, labels, help)   families stand together
 */
#ifndef DIALTONE_SERVICE_COUNT_H
#define DIALTONE_SERVICE_COUNT_H

#include "service/service.h"

#define COUNTS_LOGINS "Passwords and keys that were tried, by door and result"
#define COUNTS_CODES  "Second factors that were tried, by result"
#define COUNTS_LOCKS  "Locks that began, by what is locked"

#define COUNTS_OF_DOOR(X, NOUN, door)                                                  \
	X(NOUN##_RIGHT, "logins", "door=\"" door "\",result=\"right\"", COUNTS_LOGINS) \
	X(NOUN##_WRONG, "logins", "door=\"" door "\",result=\"wrong\"", COUNTS_LOGINS) \
	X(NOUN##_LOCKED, "logins", "door=\"" door "\",result=\"locked\"", COUNTS_LOGINS)

/* Three of a door, in the order of enum door (identity/lock.h); of keys only what is not right is counted, as each
 * request shows one. */
#define COUNTS(X)                                                           \
	COUNTS_OF_DOOR(X, LOGIN, "login")                                   \
	COUNTS_OF_DOOR(X, HMAC_LOGIN, "hmac-login")                         \
	COUNTS_OF_DOOR(X, DIGEST, "digest")                                 \
	COUNTS_OF_DOOR(X, PASSWORD_AGAIN, "password-again")                 \
	COUNTS_OF_DOOR(X, API_KEY, "api-key")                               \
	COUNTS_OF_DOOR(X, HMAC_TOKEN, "hmac-token")                         \
	X(CODE_RIGHT, "second_factors", "result=\"right\"", COUNTS_CODES)   \
	X(CODE_WRONG, "second_factors", "result=\"wrong\"", COUNTS_CODES)   \
	X(CODE_LOCKED, "second_factors", "result=\"locked\"", COUNTS_CODES) \
	X(LOCK_PAIR, "locks", "kind=\"account_for_network\"", COUNTS_LOCKS) \
	X(LOCK_ACCOUNT, "locks", "kind=\"account\"", COUNTS_LOCKS)          \
	X(LOCK_NETWORK, "locks", "kind=\"network\"", COUNTS_LOCKS)          \
	X(LOCK_CODE, "locks", "kind=\"second_factor\"", COUNTS_LOCKS)

#define COUNT_NOUN(noun, family, labels, help) COUNT_##noun,
enum count { COUNTS(COUNT_NOUN) COUNT_COUNT };
#undef COUNT_NOUN

enum count_result { COUNT_RIGHT, COUNT_WRONG, COUNT_LOCKED, COUNT_RESULTS };

void count_note(const struct service *s, enum count count);
/* door: of identity/lock.h. */
void count_note_login(const struct service *s, int door, enum count_result result);

#endif
