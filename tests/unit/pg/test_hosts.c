#include "../unit.h"

#include "../../../src/pg/pg_priv.h"

/* "host=... port=..." of the next attempt, as hosts_put() says it. */
static void expect_attempt(struct hosts *h, const char *expected)
{
	const char *keys[HOSTS_LISTS], *values[HOSTS_LISTS];
	struct buf said;

	buf_init(&said, 1024);
	buf_add_str(&said, "");
	for (size_t i = 0, n = hosts_put(h, keys, values); i < n; i++)
		buf_printf(&said, "%s=%s ", keys[i], values[i]);
	assert_string_equal(said.p ? said.p : "", expected);
	buf_finish(&said);
}

static void each_attempt_that_runs_out_of_time_is_followed_by_one_of_the_next_host(void **state)
{
	struct hosts h;

	(void)state;
	hosts_init(&h, "host=a,b,c port=1,2,3 dbname=d");
	expect_attempt(&h, "host=a,b,c port=1,2,3 ");
	hosts_next(&h);
	expect_attempt(&h, "host=b,c,a port=2,3,1 ");
	hosts_next(&h);
	expect_attempt(&h, "host=c,a,b port=3,1,2 ");
	hosts_next(&h);
	expect_attempt(&h, "host=a,b,c port=1,2,3 ");
	hosts_finish(&h);
}

static void one_port_is_that_of_all_hosts(void **state)
{
	struct hosts h;

	(void)state;
	hosts_init(&h, "postgresql://10.0.0.1,10.0.0.2/d?port=5433&hostaddr=192.0.2.1,192.0.2.2");
	hosts_next(&h);
	expect_attempt(&h, "host=10.0.0.2,10.0.0.1 hostaddr=192.0.2.2,192.0.2.1 port=5433 ");
	hosts_finish(&h);
}

static void one_host_is_left_as_it_is_said(void **state)
{
	static const char *const strings[] = { "dbname=d", "host=/run/pg", "host=a port=1", "",
		NULL };

	(void)state;
	for (size_t i = 0; strings[i]; i++) {
		struct hosts h;

		hosts_init(&h, strings[i]);
		hosts_next(&h);
		expect_attempt(&h, "");
		hosts_finish(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_attempt_that_runs_out_of_time_is_followed_by_one_of_the_next_host),
		cmocka_unit_test(one_port_is_that_of_all_hosts),
		cmocka_unit_test(one_host_is_left_as_it_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
