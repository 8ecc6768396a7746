#include "base/metric.h"

#include <inttypes.h>
#include <string.h>

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "gauges are read as 64-bit numbers");

#define SECOND_US 1000000u

static const char *const type_names[] = {
	[METRIC_COUNTER] = "counter",
	[METRIC_GAUGE] = "gauge",
	[METRIC_HISTOGRAM] = "histogram",
	[METRIC_INFO] = "info",
};

static const char *const suffixes[] = {
	[METRIC_COUNTER] = "_total",
	[METRIC_GAUGE] = "",
	[METRIC_HISTOGRAM] = "_bucket",
	[METRIC_INFO] = "_info",
};

static void put_head(struct metric_text *t, const struct metric *row)
{
	bool is_new = !t->family || strcmp(t->family->name, row->name) != 0;

	t->family = row;
	if (!is_new || !t->open_metrics)
		return;
	buf_printf(t->out, "# TYPE %s%s %s\n", t->prefix, row->name, type_names[row->type]);
	buf_printf(t->out, "# HELP %s%s %s\n", t->prefix, row->name, row->help);
}

static void put_seconds(struct buf *out, uint64_t us)
{
	buf_printf(out, "%" PRIu64, us / SECOND_US);
	if (us % SECOND_US)
		buf_printf(out, ".%06" PRIu64, us % SECOND_US);
}

static void put_number(struct buf *out, const struct metric *row, uint64_t value)
{
	if (row->unit == METRIC_MICROSECONDS)
		put_seconds(out, value);
	else
		buf_printf(out, "%" PRIu64, value);
}

/* Up to the value. */
static void put_name(
	struct metric_text *t, const struct metric *row, const char *suffix, const char *labels)
{
	if (!t->open_metrics) {
		buf_printf(t->out, "%s%s\t%s\t", row->name, suffix, labels ? labels : "");
		return;
	}
	buf_printf(t->out, "%s%s%s", t->prefix, row->name, suffix);
	if (labels && *labels)
		buf_printf(t->out, "{%s}", labels);
	buf_add_str(t->out, " ");
}

void metric_put(struct metric_text *t, const struct metric *row, const char *labels, uint64_t value)
{
	if (value == METRIC_UNKNOWN)
		return;
	put_head(t, row);
	put_name(t, row, t->open_metrics ? suffixes[row->type] : "", labels ? labels : row->labels);
	put_number(t->out, row, value);
	buf_add_str(t->out, "\n");
}

/* A number with a point, as strict readers want it, and no zero too many. */
static void put_bound(struct buf *out, uint64_t us)
{
	put_seconds(out, us);
	if (us % SECOND_US == 0)
		buf_add_str(out, ".0");
	else
		for (; out->p[out->n - 1] == '0'; out->n--)
			out->p[out->n - 1] = '\0';
}

static void put_bucket(struct metric_text *t, const struct metric *row, const char *labels,
	uint64_t bound_us, uint64_t count)
{
	buf_printf(
		t->out, "%s%s_bucket{%s%sle=\"", t->prefix, row->name, labels, *labels ? "," : "");
	if (bound_us)
		put_bound(t->out, bound_us);
	else
		buf_add_str(t->out, "+Inf");
	buf_printf(t->out, "\"} %" PRIu64 "\n", count);
}

void metric_put_histogram(struct metric_text *t, const struct metric *row, const char *labels,
	const struct metric_histogram *h)
{
	uint64_t count = 0;
	size_t i = 0;

	put_head(t, row);
	do {
		count += h->counts[i];
		if (t->open_metrics)
			put_bucket(t, row, labels ? labels : "", row->bounds[i], count);
	} while (row->bounds[i++]);
	put_name(t, row, "_count", labels);
	buf_printf(t->out, "%" PRIu64 "\n", count);
	put_name(t, row, "_sum", labels);
	put_seconds(t->out, h->sum_us);
	buf_add_str(t->out, "\n");
}

void metric_put_rows(struct metric_text *t, const struct metric *rows, const void *figures)
{
	uint64_t value;

	for (const struct metric *m = rows; m->name; m++) {
		if (m->offset == METRIC_NOWHERE)
			continue;
		memcpy(&value, (const char *)figures + m->offset, sizeof(value));
		metric_put(t, m, NULL, value);
	}
}

void metric_end(struct metric_text *t)
{
	if (t->open_metrics)
		buf_add_str(t->out, "# EOF\n");
}

void metric_label(struct buf *labels, const char *name, struct str value)
{
	buf_printf(labels, "%s%s=\"", labels->n ? "," : "", name);
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] == '\n')
			buf_add_str(labels, "\\n");
		else if (value.p[i] == '"' || value.p[i] == '\\')
			buf_printf(labels, "\\%c", value.p[i]);
		else
			buf_add_char(labels, value.p[i]);
	buf_add_char(labels, '"');
}

size_t metric_bucket(const struct metric *row, uint64_t us)
{
	size_t i = 0;

	while (row->bounds[i] && us > row->bounds[i])
		i++;
	return i;
}
