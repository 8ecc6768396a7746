/*
 * Which accounts an answer about all of the caller's domain has, for statements of stores: all, or the caller alone where
 * they, or their extensions, are too many for one answer.  Both are one range of ids, so that an index finds them.
 */
#ifndef DIALTONE_RESOURCES_EXTENSIONS_DIRECTORY_RANGE_H
#define DIALTONE_RESOURCES_EXTENSIONS_DIRECTORY_RANGE_H

#include "service/subject_call.h"

#define DIRECTORY_ACCOUNTS_MAX   10000
#define DIRECTORY_EXTENSIONS_MAX 40000

/* clang-format off */
/* One row, or none for strangers: domain, low, high, own (the caller alone). */
#define DIRECTORY_RANGE                                                                             \
	"d AS MATERIALIZED (SELECT domain, CASE WHEN own THEN id ELSE 0 END AS low,"                \
	" CASE WHEN own THEN id ELSE 9223372036854775807 END AS high, own FROM ("                   \
	"  SELECT o.id, o.domain, (SELECT coalesce(sum(c.n), 0) FROM accounts_counts c"             \
	"    WHERE c.domain = o.domain AND c.kind = 1) > " PG_CONSTANT(DIRECTORY_ACCOUNTS_MAX)      \
	"   OR EXISTS (SELECT FROM extensions x WHERE x.domain = o.domain"                          \
	"    OFFSET " PG_CONSTANT(DIRECTORY_EXTENSIONS_MAX) ") AS own"                              \
	"   FROM accounts o WHERE o.id = " SUBJECT_CALLER ") o)"
/* Of a table's columns. */
#define DIRECTORY_HAS(domain, id)                                                                   \
	domain " = (SELECT d.domain FROM d)"                                                        \
	" AND " id " BETWEEN (SELECT d.low FROM d) AND (SELECT d.high FROM d)"
/* clang-format on */

#endif
