/* What a connection to PostgreSQL counts, for the figures of its program. */
#ifndef DIALTONE_PG_COUNTERS_H
#define DIALTONE_PG_COUNTERS_H

#include <stdint.h>

#include "base/metric.h"

/* Classes of SQLSTATE (PostgreSQL, appendix A): those that say something of their own. */
#define PG_CLASSES(X)          \
	X(CONNECTION, "08")    \
	X(FEATURE, "0A")       \
	X(DATA, "22")          \
	X(CONSTRAINT, "23")    \
	X(TRANSACTION, "25")   \
	X(AUTHORIZATION, "28") \
	X(ROLLBACK, "40")      \
	X(ACCESS, "42")        \
	X(RESOURCES, "53")     \
	X(STATE, "55")         \
	X(INTERVENTION, "57")  \
	X(SYSTEM, "58")        \
	X(OTHER, "other")

#define PG_CLASS_NOUN(noun, text) PG_CLASS_##noun,
enum pg_class { PG_CLASSES(PG_CLASS_NOUN) PG_CLASS_COUNT };
#undef PG_CLASS_NOUN

/* Written by one process (base/counter.h). */
struct pg_counters {
	uint64_t up; /* 0 or 1 */
	uint64_t losses;
	uint64_t answers; /* to what was sent with one Sync */
	uint64_t errors[PG_CLASS_COUNT];
};

#define PG_METRIC_ERRORS(st, text, noun)                                            \
	{                                                                           \
		"postgresql_errors", "class=\"" text "\"", METRIC_COUNTER,          \
			"Statements that PostgreSQL refused, by class of SQLSTATE", \
			offsetof(st, pg.errors[PG_CLASS_##noun])                    \
	}
/* Rows for them; st has a struct pg_counters called pg. */
#define PG_METRIC_ROWS(st)                                                                       \
	{ "postgresql_losses", NULL, METRIC_COUNTER, "Connections to PostgreSQL that were lost", \
		offsetof(st, pg.losses) },                                                       \
		PG_METRIC_ERRORS(st, "08", CONNECTION), PG_METRIC_ERRORS(st, "0A", FEATURE),     \
		PG_METRIC_ERRORS(st, "22", DATA), PG_METRIC_ERRORS(st, "23", CONSTRAINT),        \
		PG_METRIC_ERRORS(st, "25", TRANSACTION),                                         \
		PG_METRIC_ERRORS(st, "28", AUTHORIZATION), PG_METRIC_ERRORS(st, "40", ROLLBACK), \
		PG_METRIC_ERRORS(st, "42", ACCESS), PG_METRIC_ERRORS(st, "53", RESOURCES),       \
		PG_METRIC_ERRORS(st, "55", STATE), PG_METRIC_ERRORS(st, "57", INTERVENTION),     \
		PG_METRIC_ERRORS(st, "58", SYSTEM), PG_METRIC_ERRORS(st, "other", OTHER)

#endif
