#include "base/metric.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../unit.h"
#include "base/process_figures.h"

struct figures {
	uint64_t logins, live, normal, restart, unknown, busy_us;
};

static const uint64_t bounds[] = { 5000, 1000000, 0 };

#define ROW(name, labels, type, member)                                           \
	{                                                                         \
		name, labels, type, "Some help", offsetof(struct figures, member) \
	}
static const struct metric rows[] = {
	ROW("logins", NULL, METRIC_COUNTER, logins),
	ROW("live", NULL, METRIC_GAUGE, live),
	ROW("ended", "code=\"1000\"", METRIC_COUNTER, normal),
	ROW("ended", "code=\"1012\"", METRIC_COUNTER, restart),
	ROW("unknown", NULL, METRIC_GAUGE, unknown),
	{ "busy_seconds", NULL, METRIC_COUNTER, "Some help", offsetof(struct figures, busy_us),
		NULL, METRIC_MICROSECONDS },
	{ "took_seconds", NULL, METRIC_HISTOGRAM, "Some help", METRIC_NOWHERE, "route",
		METRIC_MICROSECONDS, bounds },
	METRICS_END,
};
#define TOOK (&rows[6])

static const struct figures some = { 7, 3, 1, 5, METRIC_UNKNOWN, 1500000 };

static char *text(bool open_metrics)
{
	struct buf out;
	struct metric_text t = { &out, open_metrics, "dialtone_x_", NULL };
	struct metric_histogram h = { { 1, 2, 3 }, 4000001 };

	buf_init(&out, 1 << 20);
	metric_put_rows(&t, rows, &some);
	metric_put_histogram(&t, TOOK, "route=\"/a\"", &h);
	metric_end(&t);
	assert_false(out.overflow);
	return out.p;
}

static void rows_become_open_metrics(void **state)
{
	char *out = text(true);

	(void)state;
	assert_string_equal(out,
		"# TYPE dialtone_x_logins counter\n# HELP dialtone_x_logins Some help\n"
		"dialtone_x_logins_total 7\n"
		"# TYPE dialtone_x_live gauge\n# HELP dialtone_x_live Some help\n"
		"dialtone_x_live 3\n"
		"# TYPE dialtone_x_ended counter\n# HELP dialtone_x_ended Some help\n"
		"dialtone_x_ended_total{code=\"1000\"} 1\n"
		"dialtone_x_ended_total{code=\"1012\"} 5\n"
		"# TYPE dialtone_x_busy_seconds counter\n# HELP dialtone_x_busy_seconds Some help\n"
		"dialtone_x_busy_seconds_total 1.500000\n"
		"# TYPE dialtone_x_took_seconds histogram\n# HELP dialtone_x_took_seconds Some "
		"help\n"
		"dialtone_x_took_seconds_bucket{route=\"/a\",le=\"0.005\"} 1\n"
		"dialtone_x_took_seconds_bucket{route=\"/a\",le=\"1.0\"} 3\n"
		"dialtone_x_took_seconds_bucket{route=\"/a\",le=\"+Inf\"} 6\n"
		"dialtone_x_took_seconds_count{route=\"/a\"} 6\n"
		"dialtone_x_took_seconds_sum{route=\"/a\"} 4.000001\n"
		"# EOF\n");
	free(out);
}

static void rows_become_lines(void **state)
{
	char *out = text(false);

	(void)state;
	assert_string_equal(out,
		"logins\t\t7\nlive\t\t3\nended\tcode=\"1000\"\t1\nended\tcode=\"1012\"\t5\n"
		"busy_seconds\t\t1.500000\ntook_seconds_count\troute=\"/a\"\t6\n"
		"took_seconds_sum\troute=\"/a\"\t4.000001\n");
	free(out);
}

static void time_on_a_bound_is_below_it(void **state)
{
	(void)state;
	assert_int_equal(metric_bucket(TOOK, 0), 0);
	assert_int_equal(metric_bucket(TOOK, 5000), 0);
	assert_int_equal(metric_bucket(TOOK, 5001), 1);
	assert_int_equal(metric_bucket(TOOK, UINT64_MAX), 2);
}

static void labels_are_escaped(void **state)
{
	struct buf labels;

	(void)state;
	buf_init(&labels, 256);
	metric_label(&labels, "a", STR("x\"y\\z\n"));
	metric_label(&labels, "b", STR(""));
	assert_string_equal(labels.p, "a=\"x\\\"y\\\\z\\n\",b=\"\"");
	buf_finish(&labels);
}

/* A process that has ended is gone between two looks. */
static void processes_are_counted_together(void **state)
{
	const pid_t pids[] = { getpid(), 0x7fffffff, getpid() };
	const struct process_figures one = process_figures_of(pids, 1);
	const struct process_figures all = process_figures_of(pids, 3);
	int fds[2];

	(void)state;
	assert_true(one.resident_bytes > 100000);
	assert_true(all.resident_bytes > one.resident_bytes);
	assert_true(one.max_fds > one.open_fds);
	assert_true(one.started_us > 1500000000ull * 1000000);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(process_figures_of(pids, 1).open_fds, one.open_fds + 2);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_become_open_metrics),
		cmocka_unit_test(rows_become_lines),
		cmocka_unit_test(time_on_a_bound_is_below_it),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(processes_are_counted_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
