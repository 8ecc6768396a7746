#include "relay/admin/metric.h"

#include "../../unit.h"

static void every_figure_has_one_row(void **state)
{
	(void)state;
	for (const struct metric *a = relay_metrics; a->name; a++)
		for (const struct metric *b = relay_metrics; b < a; b++) {
			assert_int_not_equal(a->offset, b->offset);
			if (strcmp(a->name, b->name) == 0)
				assert_string_not_equal(a->labels, b->labels);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_figure_has_one_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
