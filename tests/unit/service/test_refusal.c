#include "service/refusal.h"

#include "../unit.h"

static const struct refusal late = { 403, "late", "It is too late." };
static const struct refusal early = { 403, "early", "It is too early." };

static void a_refusal_is_told_as_its_rule_says(void **state)
{
	struct service s = { 0 };
	enum err e = refused(&s, &late);

	(void)state;
	assert_int_equal(e, ERR_REFUSED);
	assert_ptr_equal(refusal_of(&s, e), &late);
	assert_true(refused_as(&s, e, &late));
	assert_false(refused_as(&s, e, &early));
}

static void the_last_refusal_counts(void **state)
{
	struct service s = { 0 };
	enum err e = refused(&s, &late);

	(void)state;
	e = refused(&s, &early);
	assert_ptr_equal(refusal_of(&s, e), &early);
}

static void other_errors_are_told_as_the_table_says(void **state)
{
	struct service s = { 0 };
	enum err e = refused(&s, &late);

	(void)state;
	e = ERR_NOT_FOUND;
	assert_false(refused_as(&s, e, &late));
	assert_string_equal(refusal_of(&s, e)->key, "not_found");
	assert_int_equal(refusal_of(&s, e)->status, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusal_is_told_as_its_rule_says),
		cmocka_unit_test(the_last_refusal_counts),
		cmocka_unit_test(other_errors_are_told_as_the_table_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
