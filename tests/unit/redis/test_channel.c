#include "../unit.h"

#include "redis/channel.h"

static struct buf out;

static int setup(void **state)
{
	(void)state;
	buf_init(&out, 1024);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_finish(&out);
	return 0;
}

static void each_kind_has_its_name(void **state)
{
	(void)state;
	channel_user(&out, "cti1:", STR("example.org"), STR("alice"));
	assert_string_equal(out.p, "cti1:{example.org}:u:alice");
	buf_clear(&out);
	channel_room(&out, "cti1:", STR("example.org"), STR("ext.clear"));
	assert_string_equal(out.p, "cti1:{example.org}:r:ext.clear");
	buf_clear(&out);
	channel_token(&out, "x:", STR("example.org"), STR("AAEC-Aw_Q"));
	assert_string_equal(out.p, "x:{example.org}:tok:AAEC-Aw_Q");
	buf_clear(&out);
	channel_relay(&out, "cti1:", STR("r1"));
	assert_string_equal(out.p, "cti1:n:r1");
	buf_clear(&out);
	channel_control(&out, "cti1:");
	assert_string_equal(out.p, "cti1:ctl");
	buf_clear(&out);
	channel_wake(&out, "cti1:");
	assert_string_equal(out.p, "cti1:wake:outbox");
}

static void a_domain_is_the_same_in_any_case(void **state)
{
	(void)state;
	channel_user(&out, "cti1:", STR("Example.ORG"), STR("a"));
	assert_string_equal(out.p, "cti1:{example.org}:u:a");
}

static void a_user_cannot_leave_its_place_in_the_name(void **state)
{
	(void)state;
	channel_user(&out, "", STR("d"), STR("a:r:all}\n*\xc3\xa9"));
	assert_string_equal(out.p, "{d}:u:a%3Ar%3Aall%7D%0A%2A%C3%A9");
}

static void letters_that_differ_in_case_are_different_users(void **state)
{
	(void)state;
	channel_user(&out, "", STR("d"), STR("Alice@x-y_z.9"));
	assert_string_equal(out.p, "{d}:u:%41lice@x-y_z.9");
}

static void a_user_is_found_in_the_name_again(void **state)
{
	static const char *const users[] = { "alice", "Alice@x-y_z.9", "a:r:all}\n*\xc3\xa9",
		"50%" };
	struct arena *arena = arena_new(1024);
	struct str domain, suffix;

	(void)state;
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		buf_clear(&out);
		channel_user(&out, "cti1:", STR("d"), str_from(users[i]));
		assert_true(channel_split(buf_str(&out), "cti1:", &domain, &suffix));
		assert_str_equal(domain, "d");
		assert_string_equal(channel_suffix_user(suffix, arena), users[i]);
	}
	assert_null(channel_suffix_user(STR("r:all"), arena));
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		FRESH(each_kind_has_its_name),
		FRESH(a_domain_is_the_same_in_any_case),
		FRESH(a_user_cannot_leave_its_place_in_the_name),
		FRESH(letters_that_differ_in_case_are_different_users),
		FRESH(a_user_is_found_in_the_name_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
