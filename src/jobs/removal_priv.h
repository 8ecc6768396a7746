/* Statements of removal.c, each for the space that the transaction holds. */
#ifndef DIALTONE_JOBS_REMOVAL_PRIV_H
#define DIALTONE_JOBS_REMOVAL_PRIV_H

#include "service/service.h"

struct ending_space {
	int64_t id;
	const char *domain;
	const char *ends_request_id; /* that ended it; NULL: not known */
	bool has_sessions;           /* none were looked for yet */
};

/* Holds one that no other process holds; the transaction is of the request that ended it. ERR_NOT_FOUND. */
MUST_CHECK enum err removal_store_take(struct service *s, struct ending_space *ret);
/* Those of at most so many accounts whose id is above `after`; *ret is where to go on, 0: that was all. */
MUST_CHECK enum err removal_store_end_sessions(
	struct service *s, const char *domain, int64_t after, int64_t limit, int64_t *ret);
MUST_CHECK enum err removal_store_sessions_ended(struct service *s, int64_t id);
/* At most so many; *ret says how many there were. */
MUST_CHECK enum err removal_store_drop_accounts(
	struct service *s, const char *domain, int64_t limit, int64_t *ret);
/* Of the table with this number below REMOVAL_TABLES, likewise. */
#define REMOVAL_TABLES 7
MUST_CHECK enum err removal_store_drop_rows(
	struct service *s, size_t table, const char *domain, int64_t limit, int64_t *ret);
MUST_CHECK enum err removal_store_drop_space(struct service *s, int64_t id);

#endif
