/*
 * The headers that say how long a path lasts: Deprecation (RFC 9745), Sunset (RFC 8594) and Link
 * (RFC 8288).  Ours name the same day in the first two.
 */
#ifndef DIALTONE_BASE_DEPRECATION_H
#define DIALTONE_BASE_DEPRECATION_H

#include <stdint.h>

#define DEPRECATION_LINK "</api/login>; rel=\"successor-version\""

/* Values of the headers. */
struct deprecation {
	char deprecation[24]; /* "@1780272000" */
	char sunset[32];      /* "Mon, 01 Jun 2026 00:00:00 GMT" */
};

/* sunset_us: microseconds since the epoch, up to the year 9999. */
void deprecation_init(struct deprecation *d, int64_t sunset_us);

#endif
