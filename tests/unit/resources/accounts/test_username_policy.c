#include "resources/accounts/username_policy.h"

#include "../../unit.h"

static const struct text *checked(const char *pattern, const char *blacklist, const char *username)
{
	struct username_policy *p = username_policy_new(pattern, blacklist);
	const struct text *id = username_policy_check(p, username);

	username_policy_free(&p);
	assert_null(p);
	return id;
}

static void a_name_has_to_match_the_pattern(void **state)
{
	(void)state;
	assert_ptr_equal(checked("^[a-z]+$", "", "alice"), NULL);
	assert_ptr_equal(checked("^[a-z]+$", "", "alice1"), &text_format);
	assert_ptr_equal(checked("[", "", "alice"), &text_format);
}

static void a_listed_word_refuses_itself_and_what_it_matches_anywhere(void **state)
{
	const char *list = " foobar ,blacklisted,, username-.*";

	(void)state;
	assert_ptr_equal(checked("", list, "foobar"), &text_taken);
	assert_ptr_equal(checked("", list, "notblacklistedatall"), &text_taken);
	assert_ptr_equal(checked("", list, "my.username-42"), &text_taken);
	assert_ptr_equal(checked("", list, "fooba.r"), NULL);
	assert_ptr_equal(checked("", list, "Foobar"), NULL);
}

static void a_listed_word_that_is_no_expression_refuses_itself_alone(void **state)
{
	(void)state;
	assert_ptr_equal(checked("", "a(b,root", "a(b"), &text_taken);
	assert_ptr_equal(checked("", "a(b,root", "ab"), NULL);
	assert_ptr_equal(checked("", "a(b,root", "root"), &text_taken);
}

static void a_name_that_does_not_match_is_not_told_to_be_listed(void **state)
{
	(void)state;
	assert_ptr_equal(checked("^[a-z]+$", "1", "alice1"), &text_format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_has_to_match_the_pattern),
		cmocka_unit_test(a_listed_word_refuses_itself_and_what_it_matches_anywhere),
		cmocka_unit_test(a_listed_word_that_is_no_expression_refuses_itself_alone),
		cmocka_unit_test(a_name_that_does_not_match_is_not_told_to_be_listed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
