/* Which page of a list is asked for (accounts-api 1.5): `page` of the query string, the first where it is no number. */
#ifndef DIALTONE_HTTP_PAGING_H
#define DIALTONE_HTTP_PAGING_H

#include "http/endpoint.h"
#include "http/request.h"

/* The row of it, for a struct with other rows besides. */
#define PAGING_FIELD(st) \
	FIELD_TEXT(st, page, .in = FIELD_IN_QUERY, .doc = "Page, from 1", .example = "1")

/* Nothing else. */
extern const struct shape paging_shape;

/* From 1. */
int64_t paging_page(const struct request *r, struct arena *arena);

#endif
