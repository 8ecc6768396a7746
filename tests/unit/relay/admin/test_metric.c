#include "relay/admin/metric.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../unit.h"

static char *open_text(const struct figures *f)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	metric_put_open(&out, f);
	assert_false(out.overflow);
	return out.p;
}

static void every_figure_has_one_row(void **state)
{
	(void)state;
	for (const struct metric *a = metrics; a->name; a++)
		for (const struct metric *b = metrics; b < a; b++) {
			assert_int_not_equal(a->offset, b->offset);
			if (strcmp(a->name, b->name) == 0)
				assert_string_not_equal(a->labels, b->labels);
		}
}

static void counters_end_in_total_and_the_text_in_eof(void **state)
{
	const struct figures f = { .cti = { .logins = 7, .sessions_live = 3 } };
	char *text = open_text(&f);

	(void)state;
	assert_non_null(strstr(text, "\n# TYPE dialtone_relay_logins counter\n"));
	assert_non_null(strstr(text, "\ndialtone_relay_logins_total 7\n"));
	assert_non_null(strstr(text, "\n# TYPE dialtone_relay_sessions_live gauge\n"));
	assert_non_null(strstr(text, "\ndialtone_relay_sessions_live 3\n"));
	assert_string_equal(text + strlen(text) - 6, "# EOF\n");
	free(text);
}

static void family_has_one_head(void **state)
{
	struct figures f = { 0 };
	char *text, *first;

	(void)state;
	f.server.ended[12] = 5;
	text = open_text(&f);
	first = strstr(text, "# TYPE dialtone_relay_ended ");
	assert_non_null(first);
	assert_null(strstr(first + 1, "# TYPE dialtone_relay_ended "));
	assert_non_null(
		strstr(first, "dialtone_relay_ended_total{code=\"1012\",reason=\"restart\"} 5\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_figure_has_one_row),
		cmocka_unit_test(counters_end_in_total_and_the_text_in_eof),
		cmocka_unit_test(family_has_one_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
