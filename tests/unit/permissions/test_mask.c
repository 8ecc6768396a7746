#include "permissions/mask.h"

#include "../arena.h"

static void the_last_three_characters_are_replaced(void **state)
{
	static const struct {
		const char *number, *masked;
	} rows[] = {
		{ "0721000000", "0721000xxx" },
		{ "2012", "2xxx" },
		{ "201", "xxx" },
		{ "20", "xxx" },
		{ "", "xxx" },
		{ "\u00e9\u00e8\u00ea\u00eb", "\u00e9xxx" },
		{ "\u20ac\u20ac", "xxx" },
		{ "*71\U0001f4de\U0001f4de", "*7xxx" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(mask_number(rows[i].number, arena), rows[i].masked);
}

static void no_number_stays_none(void **state)
{
	(void)state;
	assert_null(mask_number(NULL, arena));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_three_characters_are_replaced),
		cmocka_unit_test(no_number_stays_none),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
