#define _GNU_SOURCE
#include "resources/accounts/common_passwords.h"

#include "../../unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_common(const char *list, const char *password)
{
	struct common_passwords *p = common_passwords_new(list);
	bool is = common_passwords_has(p, password);

	common_passwords_free(&p);
	assert_null(p);
	return is;
}

static void the_packaged_list_is_sorted_and_has_ten_thousand(void **state)
{
	(void)state;
	assert_int_equal(common_passwords_packaged_count, 10000);
	for (size_t i = 1; i < common_passwords_packaged_count; i++)
		assert_true(
			strcmp(common_passwords_packaged[i - 1], common_passwords_packaged[i]) < 0);
}

static void a_password_is_compared_as_a_whole_and_without_regard_to_case(void **state)
{
	(void)state;
	assert_true(is_common("packaged", "123456"));
	assert_true(is_common("packaged", "password"));
	assert_true(is_common("packaged", "PassWord"));
	assert_false(is_common("packaged", "passwords of mine"));
	assert_false(is_common("packaged", " password"));
	assert_false(is_common("packaged", ""));
	assert_false(is_common("packaged", "correct horse"));
}

static void an_empty_list_allows_everything(void **state)
{
	(void)state;
	assert_false(is_common("", "password"));
}

static void a_file_takes_the_place_of_the_packaged_list(void **state)
{
	char path[] = "/tmp/dialtone-passwords.XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	(void)state;
	assert_non_null(f);
	fputs("\xEF\xBB\xBFZebra Crossing\r\n\nÀÉÎ Ωμέγα ПАРОЛЬ\nlast line", f);
	fclose(f);
	assert_true(is_common(path, "zebra crossing"));
	assert_true(is_common(path, "àéî ωΜέγα пароль"));
	assert_true(is_common(path, "LAST LINE"));
	assert_false(is_common(path, ""));
	assert_false(is_common(path, "password"));
	unlink(path);
	assert_true(is_common(path, "password")); /* it cannot be read: the packaged one holds */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_packaged_list_is_sorted_and_has_ten_thousand),
		cmocka_unit_test(a_password_is_compared_as_a_whole_and_without_regard_to_case),
		cmocka_unit_test(an_empty_list_allows_everything),
		cmocka_unit_test(a_file_takes_the_place_of_the_packaged_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
