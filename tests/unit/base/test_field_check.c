#include "base/field_check.h"

#include "../arena.h"

static const char *const colours[] = { "red", "gr\xc3\xbcn", NULL };

static const struct text *even_check(struct str s)
{
	return s.n % 2 ? &text_format : NULL;
}

struct sample {
	const char *text;
	int64_t number;
};

static const struct field plain = FIELD_TEXT(sample, text);
static const struct field limited = FIELD_TEXT(sample, text, .min = 2, .max = 4);
static const struct field colour = FIELD_TEXT(sample, text, .one_of = colours);
static const struct field even = FIELD_TEXT(sample, text, .max = 4, .check = even_check);
static const struct field number = FIELD_INT(sample, number, .min = 5, .max = 9);
static const struct field any_number = FIELD_INT(sample, number);

static struct field_errors errors;

/* The first error of a text, or NULL. */
static const struct text *text_error(const struct field *f, const char *text)
{
	bool good;

	field_errors_init(&errors, arena);
	good = field_check_text(f, "given", str_from(text), &errors);
	assert_int_equal(good, errors.count == 0);
	if (good)
		return NULL;
	assert_string_equal(errors.first->name, "given");
	return errors.first->text;
}

static const struct text *number_error(const struct field *f, int64_t v)
{
	field_errors_init(&errors, arena);
	return field_check_int(f, "given", v, &errors) ? NULL : errors.first->text;
}

static void a_text_is_measured_in_characters(void **state)
{
	(void)state;
	assert_ptr_equal(text_error(&limited, "ab"), NULL);
	assert_ptr_equal(text_error(&limited, "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"), NULL);
	assert_ptr_equal(text_error(&limited, "\xc3\xbc"), &text_min_len);
	assert_int_equal(errors.first->n, 2);
	assert_ptr_equal(text_error(&limited, ""), &text_min_len);
	assert_ptr_equal(text_error(&limited, "abcde"), &text_max_len);
	assert_int_equal(errors.first->n, 4);
}

static void control_characters_are_refused(void **state)
{
	static const char *const bad[] = { "a\nb", "\x1f", "\x7f", "a\xc2\x80", "\xc2\x9f" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_ptr_equal(text_error(&plain, bad[i]), &text_format);
	assert_ptr_equal(text_error(&plain, "a \xc2\xa0 \xc3\x80"), NULL);
}

static void only_the_values_of_the_row_pass(void **state)
{
	(void)state;
	assert_ptr_equal(text_error(&colour, "gr\xc3\xbcn"), NULL);
	assert_ptr_equal(text_error(&colour, "re"), &text_one_of);
	assert_ptr_equal(errors.first->values, colours);
}

static void the_check_of_the_row_is_asked_within_the_limits(void **state)
{
	(void)state;
	assert_ptr_equal(text_error(&even, "ab"), NULL);
	assert_ptr_equal(text_error(&even, "abc"), &text_format);
	assert_ptr_equal(text_error(&even, "abcde"), &text_max_len);
	assert_int_equal(errors.count, 1);
	assert_ptr_equal(text_error(&even, ""), NULL);
}

static void all_mistakes_are_told(void **state)
{
	(void)state;
	assert_ptr_equal(text_error(&limited, "\n"), &text_format);
	assert_int_equal(errors.count, 2);
	assert_ptr_equal(errors.last->text, &text_min_len);
}

static void numbers_keep_their_bounds(void **state)
{
	(void)state;
	assert_ptr_equal(number_error(&number, 5), NULL);
	assert_ptr_equal(number_error(&number, 9), NULL);
	assert_ptr_equal(number_error(&number, 4), &text_min);
	assert_ptr_equal(number_error(&number, 10), &text_max);
	assert_ptr_equal(number_error(&any_number, -1), NULL);
	assert_ptr_equal(number_error(&any_number, INT64_MAX), NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_measured_in_characters),
		cmocka_unit_test(control_characters_are_refused),
		cmocka_unit_test(only_the_values_of_the_row_pass),
		cmocka_unit_test(the_check_of_the_row_is_asked_within_the_limits),
		cmocka_unit_test(all_mistakes_are_told),
		cmocka_unit_test(numbers_keep_their_bounds),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
