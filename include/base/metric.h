/*
 * What a program counts, declared once as rows: from them come the OpenMetrics 1.0 text, the lines of name,
 * labels and value that dialtonectl prints, and the table in docs/monitoring.md.
 *
 * Rows of one family (the same name, other labels) stand together.  A counter only grows while the program
 * lives.  A row has its value in a struct of 64-bit numbers, METRIC_UNKNOWN where it is not known: it is left
 * out then.  A row with `by` has a value for each of some bounded set of labels, which the caller puts.
 *
 * Times are counted in microseconds and told in seconds.
 */
#ifndef DIALTONE_BASE_METRIC_H
#define DIALTONE_BASE_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define METRIC_UNKNOWN UINT64_MAX
/* Upper bounds of a histogram, the last of which is infinite and not in the row. */
#define METRIC_BOUNDS_MAX 15

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM, METRIC_INFO };
enum metric_unit { METRIC_NUMBER, METRIC_MICROSECONDS };

struct metric {
	const char *name;   /* without prefix and suffix */
	const char *labels; /* "code=\"1000\"", or NULL */
	enum metric_type type;
	const char *help;
	size_t offset;  /* of a 64-bit number; METRIC_NOWHERE: the caller puts it */
	const char *by; /* names of the labels it is put with: "route, method" */
	enum metric_unit unit;
	const uint64_t *bounds; /* of a histogram, in microseconds, ended by 0 */
};
#define METRIC_NOWHERE SIZE_MAX

/* The rows are ended by one without a name. */
#define METRICS_END \
	{           \
		0   \
	}

/* How many fell between two bounds each, and the sum of all. */
struct metric_histogram {
	uint64_t counts[METRIC_BOUNDS_MAX + 1];
	uint64_t sum_us;
};

struct metric_text {
	struct buf *out;
	bool open_metrics;
	const char *prefix;          /* "dialtone_relay_" */
	const struct metric *family; /* the head that was put last; NULL at the start */
};

/* All rows that have their value in `figures`. */
void metric_put_rows(struct metric_text *t, const struct metric *rows, const void *figures);
/* One value; labels as metric_label() makes them, NULL: the row's own. */
void metric_put(
	struct metric_text *t, const struct metric *row, const char *labels, uint64_t value);
void metric_put_histogram(struct metric_text *t, const struct metric *row, const char *labels,
	const struct metric_histogram *h);
/* Nothing follows. */
void metric_end(struct metric_text *t);

/* Adds name="value" to labels, after a comma where they are some, escaped. */
void metric_label(struct buf *labels, const char *name, struct str value);

/* Which of the row's counts a time belongs to. */
size_t metric_bucket(const struct metric *row, uint64_t us);

#endif
