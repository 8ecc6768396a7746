/* Whether requests can be answered: PostgreSQL is there, and its schema is the one of this program.  Without Redis they
 * can be, which is told. */
#ifndef DIALTONE_API_HEALTH_H
#define DIALTONE_API_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "service/service.h"

struct pg;
struct redis;

/* Zero but for the first two at the start. */
struct health {
	struct pg *pg;
	struct redis *redis;
	bool was_asked;
	int64_t asked_ms;
	const char *missing; /* then */
	bool has_redis;      /* likewise */
};

/* NULL, or what is missing in a word: "postgresql" or "schema". Asked at most once a second, and for 200 ms. h: a
 * struct health. */
const char *health_missing(void *h);
/* As service.h has it. */
struct readiness health_readiness(struct health *h);

#endif
