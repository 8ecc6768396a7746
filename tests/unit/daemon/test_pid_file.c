#include "daemon/pid_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../unit.h"

static char path[64];

static int make_path(void **state)
{
	(void)state;
	strcpy(path, "/tmp/pid_file.XXXXXX");
	close(mkstemp(path));
	return 0;
}

static int remove_path(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void file_of_a_dead_process_is_taken_over(void **state)
{
	struct pid_file f;
	char text[32] = "", expected[32];
	FILE *in;

	(void)state;
	in = fopen(path, "w");
	fputs("999999999\n", in);
	fclose(in);
	assert_int_equal(pid_file_init(&f, path), ERR_OK);
	in = fopen(path, "r");
	assert_non_null(fgets(text, sizeof(text), in));
	fclose(in);
	snprintf(expected, sizeof(expected), "%d\n", (int)getpid());
	assert_string_equal(text, expected);
	pid_file_finish(&f);
	assert_int_equal(access(path, F_OK), -1);
}

static void second_instance_is_refused(void **state)
{
	struct pid_file first, second;

	(void)state;
	assert_int_equal(pid_file_init(&first, path), ERR_OK);
	assert_int_equal(pid_file_init(&second, path), ERR_CONFLICT);
	pid_file_finish(&second);
	assert_int_equal(access(path, F_OK), 0);
	pid_file_finish(&first);
}

static void empty_path_means_no_file(void **state)
{
	struct pid_file f;

	(void)state;
	assert_int_equal(pid_file_init(&f, ""), ERR_OK);
	pid_file_finish(&f);
	assert_int_equal(pid_file_init(&f, "/nowhere/at/all"), ERR_UNAVAILABLE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_path, remove_path)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(file_of_a_dead_process_is_taken_over),
		TEST(second_instance_is_refused),
		TEST(empty_path_means_no_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
