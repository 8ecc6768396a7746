#include "../unit.h"

#include "../../../src/redis/redis_priv.h"

static void the_first_word_tells_what_is_the_matter(void **state)
{
	static const struct {
		const char *error;
		enum complaint kind;
	} rows[] = {
		{ "READONLY You can't write against a read only replica.", COMPLAINT_SERVER },
		{ "MASTERDOWN Link with MASTER is down", COMPLAINT_SERVER },
		{ "LOADING Redis is loading the dataset in memory", COMPLAINT_SERVER },
		{ "NOREPLICAS Not enough good replicas to write.", COMPLAINT_PASSING },
		{ "OOM command not allowed when used memory > 'maxmemory'.", COMPLAINT_PASSING },
		{ "BUSY Redis is busy running a script.", COMPLAINT_PASSING },
		{ "WRONGTYPE Operation against a key", COMPLAINT_COMMAND },
		{ "NOPERM this user has no permissions", COMPLAINT_COMMAND },
		{ "ERR the key is READONLY by name", COMPLAINT_COMMAND },
		{ "", COMPLAINT_COMMAND },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (complaint_of(rows[i].error) != rows[i].kind)
			fail_msg("misread: %s", rows[i].error);
}

static void what_redis_6_says_of_a_script_is_read_as_well(void **state)
{
	(void)state;
	assert_int_equal(complaint_of("ERR Error running script (call to f_2b): @user_script:1: "
				      "@user_script: 1: -READONLY You can't write against a read "
				      "only replica."),
		COMPLAINT_SERVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_word_tells_what_is_the_matter),
		cmocka_unit_test(what_redis_6_says_of_a_script_is_read_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
