/*
 * The calls that have ended, of a user or of a whole space, by pages.
 *
 * A search looks at the newest HISTORY_SEARCHED_MAX calls of the days it is asked for, so that it costs the same in
 * a space of ten calls a day and in one of a million.
 */
#ifndef DIALTONE_RESOURCES_CALLS_HISTORY_H
#define DIALTONE_RESOURCES_CALLS_HISTORY_H

#include <stdbool.h>

#include "resources/calls/fields.h"
#include "service/service.h"

#define HISTORY_SEARCHED_MAX 50000
#define HISTORY_LIMIT_MAX    1000

/* Who asks. */
struct history_reader {
	int64_t account_id;
	const char *username, *domain, *main_extension;
	const char *capabilities, *extensions; /* with spaces between them */
};

/* Absent members are NULL, false and 0. */
struct history_query {
	const char *type,
		*target;       /* "user" or "extension" with its name; type NULL: the whole space */
	const char *from, *to; /* days, YYYYMMDD, both of them included */
	const char *filter;    /* a part of a number or name */
	const char *direction; /* "in", "out", "internal", "lost", "all" */
	const char *remove_lost; /* "true": without calls that came in vain */
	const char *sort;        /* "time desc", "time asc" */
	bool own_is_open;        /* their own calls need no capability */
	bool groups;             /* calls of groups, of which there are none */
	bool without_rows;       /* only calls with what none has yet */
	int64_t limit, offset;   /* limit 0: as many as there may be */
};

/* Days are those of the setting history_time_zone.  ERR_BAD_REQUEST: no such type, day or order.  ERR_REFUSED:
 * capability_missing: calls of others.  What the space does not have has no calls. */
MUST_CHECK enum err history_search(struct service *s, const struct history_reader *by,
	const struct history_query *q, struct history *ret);

#endif
