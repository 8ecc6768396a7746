#include "../arena.h"

#include "conf/redis_address.h"

static struct redis_address parsed(const char *url)
{
	struct redis_address a;

	assert_int_equal(redis_address_parse(url, arena, &a), ERR_OK);
	return a;
}

static void a_unix_socket_may_name_a_database(void **state)
{
	struct redis_address a = parsed("unix:/run/redis.sock");

	(void)state;
	assert_string_equal(a.path, "/run/redis.sock");
	assert_int_equal(a.db, 0);
	a = parsed("unix:/run/redis.sock?db=3");
	assert_string_equal(a.path, "/run/redis.sock");
	assert_int_equal(a.db, 3);
}

static void host_port_and_database_are_read(void **state)
{
	struct redis_address a = parsed("redis://127.0.0.1:6380/2");

	(void)state;
	assert_null(a.path);
	assert_string_equal(a.place.host, "127.0.0.1");
	assert_int_equal(a.place.port, 6380);
	assert_int_equal(a.db, 2);
	assert_null(a.password);
}

static void what_is_left_out_has_its_default(void **state)
{
	struct redis_address a = parsed("redis://cache.example.org");

	(void)state;
	assert_string_equal(a.place.host, "cache.example.org");
	assert_int_equal(a.place.port, 6379);
	assert_int_equal(a.db, 0);
}

static void a_password_may_hold_any_character(void **state)
{
	struct redis_address a = parsed("redis://:p%40ss%2f:w@localhost/1");

	(void)state;
	assert_string_equal(a.password, "p@ss/:w");
	assert_null(a.user);
	assert_string_equal(a.place.host, "localhost");
	a = parsed("redis://api:secret@[::1]:7000/");
	assert_string_equal(a.user, "api");
	assert_string_equal(a.password, "secret");
	assert_string_equal(a.place.host, "::1");
	assert_int_equal(a.place.port, 7000);
	a = parsed("redis://api:what?@h/1");
	assert_string_equal(a.password, "what?");
	assert_string_equal(a.place.host, "h");
	a = parsed("rediss://api:what?@h?ca_file=/a@b?");
	assert_string_equal(a.password, "what?");
	assert_string_equal(a.tls.ca_file, "/a@b?");
}

static void sentinels_share_a_master_and_credentials(void **state)
{
	struct redis_address a = parsed("redis+sentinel://api:s%2cret@10.0.0.1:5000,[::1],"
					"three.example.org/my%20master/2");

	(void)state;
	assert_string_equal(a.master, "my master");
	assert_string_equal(a.user, "api");
	assert_string_equal(a.password, "s,ret");
	assert_int_equal(a.db, 2);
	assert_int_equal(a.sentinel_count, 3);
	assert_string_equal(a.sentinels[0].host, "10.0.0.1");
	assert_int_equal(a.sentinels[0].port, 5000);
	assert_string_equal(a.sentinels[1].host, "::1");
	assert_int_equal(a.sentinels[1].port, 26379);
	assert_string_equal(a.sentinels[2].host, "three.example.org");
	assert_null(a.sentinel_password);
	a = parsed("redis+sentinel://one/m");
	assert_int_equal(a.sentinel_count, 1);
	assert_int_equal(a.db, 0);
	assert_null(a.password);
}

static void sentinels_may_ask_for_a_password_of_their_own(void **state)
{
	struct redis_address a =
		parsed("redis+sentinel://one/m?sentinel_user=u&sentinel_password=p%26q");

	(void)state;
	assert_string_equal(a.sentinel_user, "u");
	assert_string_equal(a.sentinel_password, "p&q");
	assert_null(a.password);
}

static void tls_reaches_as_far_as_the_sentinels(void **state)
{
	struct redis_address a = parsed("rediss://u:p@redis.example.org/1?ca_file=/etc/ca.pem");

	(void)state;
	assert_true(a.tls.on);
	assert_int_equal(a.place.port, 6379);
	assert_int_equal(a.db, 1);
	assert_string_equal(a.tls.ca_file, "/etc/ca.pem");
	assert_null(a.tls.certificate_file);
	a = parsed("rediss+sentinel://one,two/m?sentinel_password=p&certificate_file=/c&key_file=/"
		   "k%20k");
	assert_true(a.tls.on);
	assert_int_equal(a.sentinel_count, 2);
	assert_null(a.tls.ca_file);
	assert_string_equal(a.tls.certificate_file, "/c");
	assert_string_equal(a.tls.key_file, "/k k");
	assert_false(parsed("redis://h").tls.on);
}

static void anything_else_is_invalid(void **state)
{
	static const char *const bad[] = { "", "redis:", "redis://", "unix:", "unix:relative",
		"unix:/a?db=", "unix:/a?db=x", "unix:/a?foo=1", "redis://h:0x1", "redis://h:70000",
		"redis://h/x", "redis://[::1", "redis://[::1]7000", "redis://user@h",
		"redis://:%zz@h", "redis://:%00@h", "http://h", "redis+sentinel://h",
		"redis+sentinel://h/", "redis+sentinel:///m", "redis+sentinel://h,/m",
		"redis+sentinel://h/m/x", "redis+sentinel://h/m?db=1",
		"redis+sentinel://h/m?sentinel_user=u", "redis://h?ca_file=/x", "rediss:///run/x",
		"rediss:/run/x", "redisss://h", "rediss://h?ca_file=x",
		"rediss://h?ca_file=", "rediss://h?key_file=/k", "rediss://h?certificate_file=/c",
		"rediss://h?sentinel_user=u", "rediss://h/1?", "redis+sentinel://h/m?ca_file=/x",
		"redis+sentinel://a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q/m", NULL };
	struct redis_address a;

	(void)state;
	for (size_t i = 0; bad[i]; i++)
		if (redis_address_parse(bad[i], arena, &a) != ERR_INVALID)
			fail_msg("accepted: %s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_unix_socket_may_name_a_database),
		cmocka_unit_test(host_port_and_database_are_read),
		cmocka_unit_test(what_is_left_out_has_its_default),
		cmocka_unit_test(a_password_may_hold_any_character),
		cmocka_unit_test(sentinels_share_a_master_and_credentials),
		cmocka_unit_test(sentinels_may_ask_for_a_password_of_their_own),
		cmocka_unit_test(tls_reaches_as_far_as_the_sentinels),
		cmocka_unit_test(anything_else_is_invalid),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
