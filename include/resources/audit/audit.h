/*
 * Reading the audit trail; service/audit.h writes it.  The newest first, always in the same order.
 *
 * Of what object, actor or neither find, the newest AUDIT_SEARCHED_MAX are looked at, however many there are, and counted
 * as the total; what is older is found by `to`.
 */
#ifndef DIALTONE_RESOURCES_AUDIT_AUDIT_H
#define DIALTONE_RESOURCES_AUDIT_AUDIT_H

#include "base/rows.h"
#include "resources/audit/fields.h"
#include "service/service.h"

#define AUDIT_SEARCHED_MAX 10000
#define AUDIT_PAGE_SIZE    20
#define AUDIT_FILTER_MAX   1024 /* characters */

struct audit_query {
	const char *domain; /* of the space; "": what belongs to none */
	const char *object; /* with or without a part; NULL: any */
	const char *actor;  /* NULL: any */
	int64_t from, to;   /* microseconds, both included; 0: no end */
	int64_t limit, offset;
};

/* The page of that number, from 1; limit and offset do not count. */
MUST_CHECK enum err audit_page(
	struct service *s, const struct audit_query *q, int64_t page, struct page *ret);
/* struct audit_record. */
MUST_CHECK enum err audit_list(struct service *s, const struct audit_query *q, struct rows *ret);
/* struct audit_domain: all that have a trail, those of spaces that are gone as well. */
struct audit_domain {
	const char *domain;
};
MUST_CHECK enum err audit_domains(struct service *s, struct rows *ret);

#endif
