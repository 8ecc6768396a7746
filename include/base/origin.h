/*
 * Origins of web pages and of packaged apps: how two are compared, and what a list of them allows
 * (cti-api 1.13, realtime 9).
 *
 * Scheme and host count without regard to case, ws is http and wss is https, a default port may be
 * said or left out, and a dot at the end of the host is none.  Knows no request and no header lines.
 */
#ifndef DIALTONE_BASE_ORIGIN_H
#define DIALTONE_BASE_ORIGIN_H

#include <stdbool.h>

#include "base/str.h"

enum origin_listed {
	ORIGIN_NOT_LISTED,
	ORIGIN_LISTED,         /* by "*", or one that many pages share: null, file:// */
	ORIGIN_LISTED_BY_NAME, /* one that may be trusted with credentials */
};

bool origin_eq(struct str a, struct str b);
/* Whether it is that of the server that was called: host is the request's Host header. */
bool origin_is_own(struct str origin, struct str host, struct str scheme);
/* list: origins separated by commas or blanks, "*" for any. */
enum origin_listed origin_find(struct str origin, const char *list);
/* What a list may name: "null", "file://", or scheme://host[:port]. */
bool origin_is_valid(struct str s);

#endif
