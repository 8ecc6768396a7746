#include "relay/eio/session.h"

#include "../../unit.h"

static const struct eio_settings settings = {
	.ping_interval_ms = 25000, .ping_timeout_ms = 20000, .silent_grace_ms = 600000
};

static struct eio_session s;

#define assert_step(step, want_verdict, want_restart)         \
	do {                                                  \
		struct eio_step got_ = (step);                \
		assert_int_equal(got_.verdict, want_verdict); \
		assert_int_equal(got_.restart, want_restart); \
	} while (0)

static void the_server_pings_and_a_pong_starts_the_next_round(void **state)
{
	(void)state;
	eio_session_init(&s, EIO_VERSION_4, 1000);
	assert_int_equal(s.timer, EIO_TIMER_PING);
	for (int i = 0; i < 3; i++) {
		assert_step(eio_session_on_timer(&s, &settings, 26000), EIO_SEND_PING, true);
		assert_int_equal(s.timer, EIO_TIMER_PONG);
		assert_step(eio_session_on_packet(&s, EIO_PONG), EIO_NOTHING, true);
		assert_int_equal(s.timer, EIO_TIMER_PING);
	}
}

static void a_client_that_stops_answering_is_gone(void **state)
{
	(void)state;
	eio_session_init(&s, EIO_VERSION_4, 0);
	eio_session_on_timer(&s, &settings, 25000);
	eio_session_on_packet(&s, EIO_PONG);
	assert_step(eio_session_on_timer(&s, &settings, 50000), EIO_SEND_PING, true);
	assert_step(eio_session_on_timer(&s, &settings, 70000), EIO_TIMED_OUT, false);
}

static void a_client_that_never_answered_has_ten_minutes(void **state)
{
	(void)state;
	eio_session_init(&s, EIO_VERSION_4, 0);
	for (int64_t now = 0; now < 600000; now += 45000) {
		assert_step(eio_session_on_timer(&s, &settings, now), EIO_SEND_PING, true);
		assert_step(eio_session_on_timer(&s, &settings, now), EIO_NOTHING, true);
		assert_int_equal(s.timer, EIO_TIMER_PING);
	}
	assert_step(eio_session_on_timer(&s, &settings, 599000), EIO_SEND_PING, true);
	assert_step(eio_session_on_timer(&s, &settings, 600000), EIO_TIMED_OUT, false);
}

static void without_grace_a_missing_pong_ends_the_session(void **state)
{
	struct eio_settings strict = { .ping_interval_ms = 300, .ping_timeout_ms = 200 };

	(void)state;
	eio_session_init(&s, EIO_VERSION_4, 0);
	assert_step(eio_session_on_timer(&s, &strict, 300), EIO_SEND_PING, true);
	assert_step(eio_session_on_timer(&s, &strict, 500), EIO_TIMED_OUT, false);
}

static void any_packet_shows_that_a_busy_client_lives(void **state)
{
	(void)state;
	eio_session_init(&s, EIO_VERSION_4, 0);
	eio_session_on_timer(&s, &settings, 0);
	eio_session_on_packet(&s, EIO_PONG);
	eio_session_on_timer(&s, &settings, 0);
	assert_step(eio_session_on_packet(&s, EIO_MESSAGE), EIO_DELIVER, false);
	assert_step(eio_session_on_timer(&s, &settings, 20000), EIO_NOTHING, true);
	assert_int_equal(s.timer, EIO_TIMER_PING);
}

static void what_a_live_session_ignores_and_what_breaks_it(void **state)
{
	static const struct {
		enum eio_type type;
		enum eio_verdict verdict;
	} rows[] = {
		{ EIO_OPEN, EIO_NOTHING },
		{ EIO_CLOSE, EIO_CLOSED },
		{ EIO_PING, EIO_BROKEN },
		{ EIO_PONG, EIO_NOTHING },
		{ EIO_MESSAGE, EIO_DELIVER },
		{ EIO_UPGRADE, EIO_NOTHING },
		{ EIO_NOOP, EIO_NOTHING },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		eio_session_init(&s, EIO_VERSION_4, 0);
		assert_step(eio_session_on_packet(&s, rows[i].type), rows[i].verdict, false);
	}
}

static void an_old_client_pings_and_every_packet_keeps_it_alive(void **state)
{
	(void)state;
	eio_session_init(&s, EIO_VERSION_3, 0);
	assert_int_equal(s.timer, EIO_TIMER_IDLE);
	assert_int_equal(eio_timer_ms(EIO_TIMER_IDLE, &settings), 45000);
	assert_step(eio_session_on_packet(&s, EIO_PING), EIO_SEND_PONG, true);
	assert_step(eio_session_on_packet(&s, EIO_MESSAGE), EIO_DELIVER, true);
	assert_step(eio_session_on_packet(&s, EIO_PONG), EIO_BROKEN, false);
	assert_step(eio_session_on_timer(&s, &settings, 45000), EIO_TIMED_OUT, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_server_pings_and_a_pong_starts_the_next_round),
		cmocka_unit_test(a_client_that_stops_answering_is_gone),
		cmocka_unit_test(a_client_that_never_answered_has_ten_minutes),
		cmocka_unit_test(without_grace_a_missing_pong_ends_the_session),
		cmocka_unit_test(any_packet_shows_that_a_busy_client_lives),
		cmocka_unit_test(what_a_live_session_ignores_and_what_breaks_it),
		cmocka_unit_test(an_old_client_pings_and_every_packet_keeps_it_alive),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
