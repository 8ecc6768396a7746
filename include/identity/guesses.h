/*
 * Wrong guesses by subject, in the database: what 1,000 parallel requests count is 1,000.
 */
#ifndef DIALTONE_IDENTITY_GUESSES_H
#define DIALTONE_IDENTITY_GUESSES_H

#include <stdint.h>

#include "service/service.h"

/* So many guesses in so much time; the one that reaches the limit locks the subject for the same
 * time again, twice as long at each lock that follows within a day, up to 2^doublings. */
struct guess_rule {
	int64_t limit, seconds, doublings; /* limit: at least 2 */
};

struct guess_count {
	int64_t failures; /* with this one */
	int64_t wait_s;   /* until the count or the lock is over */
	int64_t ends_at;  /* when it is, microseconds */
};

/* Counts one guess of the subject in one step. */
MUST_CHECK enum err guess_add(struct service *s, const char *subject, const struct guess_rule *rule,
	struct guess_count *ret);
/* Forgets them: it was guessed right. */
MUST_CHECK enum err guess_clear(struct service *s, const char *subject);
/* And those of every subject that continues this one after a slash. */
MUST_CHECK enum err guess_clear_below(struct service *s, const char *subject);
/* Counts nothing: for how long the subject is locked, 0 when it is not. */
MUST_CHECK enum err guess_wait(
	struct service *s, const char *subject, int64_t limit, int64_t *ret_wait_s);

#endif
