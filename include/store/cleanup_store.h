/*
 * What nobody needs any more, removed a part at a time.
 */
#ifndef DIALTONE_STORE_CLEANUP_STORE_H
#define DIALTONE_STORE_CLEANUP_STORE_H

#include <stdint.h>

#include "service/service.h"

#define CLEANUP_AT_ONCE 10000 /* rows */

enum cleanup {
	CLEANUP_SESSIONS,      /* expired or revoked 30 days ago */
	CLEANUP_API_KEYS,      /* unused for longer than their own limit */
	CLEANUP_DIGEST_NONCES, /* expired */
	CLEANUP_GUESSES,       /* their time was over a day ago */
	CLEANUP_JOBS,          /* given up 30 days ago */
	CLEANUP_COUNT
};

/* *ret_removed == CLEANUP_AT_ONCE: there may be more. */
MUST_CHECK enum err cleanup_store_run(struct service *s, enum cleanup what, int64_t *ret_removed);

#endif
