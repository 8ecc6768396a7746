/* Several structs of one kind, in an arena. */
#ifndef DIALTONE_BASE_ROWS_H
#define DIALTONE_BASE_ROWS_H

#include <stddef.h>
#include <stdint.h>

struct rows {
	void *items;
	size_t n;
};

/* How many there are. */
struct counted {
	int64_t count;
};

/* A part of more. */
struct page {
	void *items;
	size_t n;
	int64_t total; /* of all pages */
	int64_t page;  /* from 1 */
	int64_t per_page;
};

#endif
