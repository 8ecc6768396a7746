#include "live.h"
#include "redis/owner.h"

#define KEY    STR("cti1:{example.org}:own:alice:desktop")
#define ROSTER STR("cti1:{example.org}:sess:alice")
#define WAIT   STR("8000")

static int empty(void **state)
{
	call(*state, REDIS_COMMAND(STR("DEL"), KEY, ROSTER));
	return 0;
}

static struct owner_claim claim(
	struct fixture *f, const char *relay, const char *sid, const char *jti)
{
	struct redis_reply reply = call(f, REDIS_COMMAND(OWNER_CLAIM(KEY, str_from(relay),
						   str_from(sid), str_from(jti), WAIT)));
	struct owner_claim c;

	assert_int_equal(owner_claim_parse(&reply, &c), ERR_OK);
	return c;
}

static int64_t commit(struct fixture *f, const char *relay, const char *sid, const char *jti)
{
	return call(
		f, REDIS_COMMAND(OWNER_COMMIT(KEY, str_from(relay), str_from(sid), str_from(jti))))
		.number;
}

static void release(struct fixture *f, const char *relay, const char *sid)
{
	call(f, REDIS_COMMAND(OWNER_RELEASE(
			KEY, ROSTER, str_from(relay), str_from(sid), STR("desktop"))));
}

static void first_and_same_session_are_granted(void **state)
{
	struct fixture *f = *state;

	assert_true(claim(f, "aa", "s1", "j1").granted);
	assert_true(claim(f, "ab", "s2", "j1").granted);
}

static void another_session_waits_and_hears_for_whom(void **state)
{
	struct fixture *f = *state;
	struct owner_claim c;

	claim(f, "aa", "s1", "j1");
	c = claim(f, "ab", "s2", "j2");
	assert_false(c.granted);
	assert_str_equal(c.relay, "aa");
	assert_str_equal(c.sid, "s1");
	assert_str_equal(c.jti, "j1");
	assert_int_equal(c.wait_ms, 8000);
	assert_int_equal(c.displaced_sid.n, 0);
	assert_int_equal(commit(f, "ab", "s2", "j2"), 1);
	assert_true(claim(f, "ab", "s3", "j2").granted);
}

static void third_displaces_the_second_and_inherits_its_time(void **state)
{
	struct fixture *f = *state;
	struct owner_claim c;

	claim(f, "aa", "s1", "j1");
	claim(f, "ab", "s2", "j2");
	c = claim(f, "ac", "s3", "j3");
	assert_str_equal(c.displaced_relay, "ab");
	assert_str_equal(c.displaced_sid, "s2");
	assert_true(c.wait_ms <= 8000);
	assert_int_equal(commit(f, "ab", "s2", "j2"), 0);
	assert_int_equal(commit(f, "ac", "s3", "j3"), 1);
}

static void claim_sent_twice_is_one_claim(void **state)
{
	struct fixture *f = *state;

	claim(f, "aa", "s1", "j1");
	claim(f, "ab", "s2", "j2");
	assert_int_equal(claim(f, "ab", "s2", "j2").displaced_sid.n, 0);
}

static void released_place_is_free_and_of_others_stays(void **state)
{
	struct fixture *f = *state;

	claim(f, "aa", "s1", "j1");
	release(f, "ab", "s2");
	assert_false(claim(f, "ab", "s2", "j2").granted);
	release(f, "ab", "s2");
	release(f, "aa", "s1");
	assert_true(claim(f, "ac", "s3", "j3").granted);
}

static void newcomer_to_a_free_place_displaces_who_waited_for_it(void **state)
{
	struct fixture *f = *state;
	struct owner_claim c;

	claim(f, "aa", "s1", "j1");
	claim(f, "ab", "s2", "j2");
	release(f, "aa", "s1");
	c = claim(f, "ac", "s3", "j3");
	assert_true(c.granted);
	assert_str_equal(c.displaced_sid, "s2");
	assert_int_equal(commit(f, "ab", "s2", "j2"), 2);
}

static void sockets_of_a_session_wait_together_and_displace_nobody(void **state)
{
	struct fixture *f = *state;

	claim(f, "aa", "s1", "j1");
	claim(f, "ab", "s2", "j2");
	assert_int_equal(claim(f, "ac", "s3", "j2").displaced_sid.n, 0);
	assert_int_equal(commit(f, "ab", "s2", "j2"), 1);
	assert_int_equal(commit(f, "ac", "s3", "j2"), 1);
}

static void place_goes_to_another_socket_of_the_session(void **state)
{
	struct fixture *f = *state;
	struct owner_claim c;

	call(f, REDIS_COMMAND(STR("HSET"), ROSTER, STR("s1"), STR("aa desktop j1 1 - 1"), STR("s2"),
			STR("ab desktop j1 1 - 1"), STR("s3"), STR("ac mobile j1 1 - 1"), STR("s4"),
			STR("ac desktop j2 1 - 1")));
	claim(f, "aa", "s1", "j1");
	release(f, "aa", "s1");
	c = claim(f, "ac", "s4", "j2");
	assert_false(c.granted);
	assert_str_equal(c.relay, "ab");
	assert_str_equal(c.sid, "s2");
}

static void commit_and_refresh_restore_what_redis_forgot(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(commit(f, "aa", "s1", "j1"), 1);
	empty(state);
	call(f, REDIS_COMMAND(OWNER_REFRESH(KEY, STR("aa"), STR("s1"), STR("j1"))));
	assert_false(claim(f, "ab", "s2", "j2").granted);
	call(f, REDIS_COMMAND(OWNER_REFRESH(KEY, STR("ac"), STR("s3"), STR("j3"))));
	assert_str_equal(claim(f, "ab", "s2", "j2").sid, "s1");
}

/* After a fail-over the clock is another one. */
static void nobody_waits_longer_because_a_clock_was_ahead(void **state)
{
	struct fixture *f = *state;

	claim(f, "aa", "s1", "j1");
	claim(f, "ab", "s2", "j2");
	call(f, REDIS_COMMAND(STR("HSET"), KEY, STR("pend_until"), STR("99999999999999")));
	assert_int_equal(claim(f, "ac", "s3", "j3").wait_ms, 8000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(first_and_same_session_are_granted, empty),
		cmocka_unit_test_setup(another_session_waits_and_hears_for_whom, empty),
		cmocka_unit_test_setup(third_displaces_the_second_and_inherits_its_time, empty),
		cmocka_unit_test_setup(claim_sent_twice_is_one_claim, empty),
		cmocka_unit_test_setup(released_place_is_free_and_of_others_stays, empty),
		cmocka_unit_test_setup(newcomer_to_a_free_place_displaces_who_waited_for_it, empty),
		cmocka_unit_test_setup(
			sockets_of_a_session_wait_together_and_displace_nobody, empty),
		cmocka_unit_test_setup(place_goes_to_another_socket_of_the_session, empty),
		cmocka_unit_test_setup(commit_and_refresh_restore_what_redis_forgot, empty),
		cmocka_unit_test_setup(nobody_waits_longer_because_a_clock_was_ahead, empty),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
