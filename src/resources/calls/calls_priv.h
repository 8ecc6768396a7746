/* Calls in the database. */
#ifndef DIALTONE_RESOURCES_CALLS_CALLS_PRIV_H
#define DIALTONE_RESOURCES_CALLS_CALLS_PRIV_H

#include <stdbool.h>

#include "base/rows.h"
#include "service/service.h"

/* records: a JSON array of objects, each a struct call_record; reported: statistics have them, too. */
MUST_CHECK enum err call_store_add(struct service *s, const char *records, bool reported);

struct call_row {
	int64_t id;
	const char *linked_id;
	const char *from_number, *from_name, *from_exten;
	const char *to_number, *to_name, *to_exten;
	int64_t started_at, answered_at, ended_at; /* answered_at 0: it was not */
	const char *cause;
	const char *direction, *type; /* of struct history_call */
};

struct call_query {
	const char *domain;
	int64_t account_id; /* whose calls; 0: of the account username, or of the space where that is NULL */
	const char *username;
	const char *number;    /* of the space: only calls of this number or device; NULL: all */
	const char *exten;     /* of an account: only calls of this device; NULL: all */
	const char *from, *to; /* days, both included */
	const char *zone;
	const char *filter, *direction; /* NULL: any */
	bool remove_lost;
	int64_t hidden; /* so many characters at the end of a number, and all names, are not looked at */
	int64_t limit, offset;
};

enum call_order { CALLS_NEWEST_FIRST, CALLS_OLDEST_FIRST };

/* struct call_row; *ret_count: of all pages. */
MUST_CHECK enum err call_store_list(struct service *s, const struct call_query *q,
	enum call_order order, struct rows *ret, int64_t *ret_count);

#endif
