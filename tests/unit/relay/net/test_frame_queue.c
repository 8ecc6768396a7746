#include "relay/net/frame_queue.h"

#include "../../unit.h"

static struct frame_queue *queue;
static struct frame_tally tally;
static int64_t now;

static int setup(void **state)
{
	(void)state;
	queue = NULL;
	tally = (struct frame_tally){ 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	frame_queue_free(&queue);
	return tally.bytes == 0 ? 0 : -1;
}

static enum err add_frame(struct str text, uint64_t number, bool fleeting, size_t sent)
{
	struct frame *f = frame_from(text, STR(""));
	enum err e;

	f->state = number;
	f->fleeting = fleeting;
	e = frame_queue_add(&queue, &tally, f, sent, now);
	frame_unref(&f);
	return e;
}

static void add(const char *text)
{
	assert_int_equal(add_frame(str_from(text), 0, false, 0), ERR_OK);
}

static void waits(const char *expected)
{
	struct iovec iov[32];
	size_t n = frame_queue_gather(queue, iov, 32), at = 0;
	char text[1000];

	for (size_t i = 0; i < n; i++) {
		memcpy(text + at, iov[i].iov_base, iov[i].iov_len);
		at += iov[i].iov_len;
	}
	text[at] = '\0';
	assert_string_equal(text, expected);
	assert_int_equal(frame_queue_bytes(queue), at);
	assert_int_equal(tally.bytes, at);
}

static void frames_leave_in_order_whatever_is_taken_at_once(void **state)
{
	static const char all[] = "onetwothreefourfivesix";

	(void)state;
	for (size_t step = 1; step <= strlen(all); step++) {
		add("one");
		add("two");
		add("three");
		add("four");
		add("five");
		add("six");
		for (size_t at = 0; at < strlen(all);) {
			size_t n = step < strlen(all) - at ? step : strlen(all) - at;

			waits(all + at);
			frame_queue_consume(&queue, n, now);
			at += n;
		}
		assert_null(queue);
	}
}

static void part_of_a_frame_may_be_gone_before(void **state)
{
	(void)state;
	assert_int_equal(add_frame(STR("hello"), 0, false, 2), ERR_OK);
	add(".");
	waits("llo.");
}

static void a_newer_state_takes_the_place_of_the_older(void **state)
{
	(void)state;
	assert_int_equal(add_frame(STR("[a1]"), 7, false, 0), ERR_OK);
	assert_int_equal(add_frame(STR("[b1]"), 8, false, 0), ERR_OK);
	assert_int_equal(add_frame(STR("[a2 is longer]"), 7, false, 0), ERR_OK);
	waits("[a2 is longer][b1]");
	assert_int_equal(tally.outdated, 1);
}

static void a_state_partly_sent_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(add_frame(STR("[a1]"), 7, false, 1), ERR_OK);
	assert_int_equal(add_frame(STR("[a2]"), 7, false, 0), ERR_OK);
	waits("a1][a2]");
}

static void a_fleeting_frame_is_not_queued_behind_much(void **state)
{
	static char big[FRAME_QUEUE_MUCH];

	(void)state;
	memset(big, 'x', sizeof(big));
	assert_int_equal(add_frame(STR("first"), 0, true, 0), ERR_OK);
	assert_int_equal(frame_queue_count(queue), 1);
	assert_int_equal(add_frame((struct str){ big, sizeof(big) }, 0, false, 0), ERR_OK);
	assert_int_equal(tally.fleeting, 0);
	assert_int_equal(add_frame(STR("second"), 0, true, 0), ERR_OK);
	assert_int_equal(frame_queue_count(queue), 2);
	assert_int_equal(tally.fleeting, 1);
}

static void the_last_state_is_kept_however_much_waits(void **state)
{
	static char big[FRAME_QUEUE_MUCH];

	(void)state;
	memset(big, 'x', sizeof(big));
	for (uint64_t i = 1; i <= 100; i++)
		assert_int_equal(add_frame((struct str){ big, sizeof(big) }, i, false, 0), ERR_OK);
	for (uint64_t i = 1; i <= 100; i++)
		assert_int_equal(add_frame(STR("new"), i, false, 0), ERR_OK);
	assert_int_equal(frame_queue_count(queue), 100);
	assert_int_equal(frame_queue_bytes(queue), 300);
}

/* How much comes at once says nothing about the client. */
static void much_is_too_much_when_none_of_it_leaves_for_five_seconds(void **state)
{
	static char big[FRAME_QUEUE_BYTES];

	(void)state;
	memset(big, 'x', sizeof(big));
	assert_int_equal(add_frame((struct str){ big, sizeof(big) }, 0, false, 0), ERR_OK);
	add("x");
	now += FRAME_QUEUE_STILL_MS - 1;
	add("x");
	frame_queue_consume(&queue, 1, now);
	add("x");
	now += FRAME_QUEUE_STILL_MS - 1;
	add("x");
	now++;
	assert_int_equal(add_frame(STR("x"), 0, false, 0), ERR_LIMIT);
	frame_queue_consume(&queue, 1, now);
	add("x");
}

static void little_may_wait_for_long(void **state)
{
	(void)state;
	add("x");
	now += 10 * FRAME_QUEUE_STILL_MS;
	add("x");
}

static void more_than_the_ceiling_is_refused(void **state)
{
	(void)state;
	for (int i = 0; i < FRAME_QUEUE_FRAMES_MAX; i++)
		add("x");
	assert_int_equal(add_frame(STR("x"), 0, false, 0), ERR_LIMIT);
	frame_queue_consume(&queue, 1, now);
	add("x");
}

static void giving_up_keeps_only_a_frame_that_has_begun(void **state)
{
	(void)state;
	assert_int_equal(add_frame(STR("hello"), 0, false, 2), ERR_OK);
	add("more");
	frame_queue_trim(&queue);
	waits("llo");
	frame_queue_consume(&queue, 3, now);
	add("whole");
	add("more");
	frame_queue_trim(&queue);
	assert_null(queue);
	assert_int_equal(tally.bytes, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frames_leave_in_order_whatever_is_taken_at_once),
		TEST(part_of_a_frame_may_be_gone_before),
		TEST(a_newer_state_takes_the_place_of_the_older),
		TEST(a_state_partly_sent_is_left_alone),
		TEST(a_fleeting_frame_is_not_queued_behind_much),
		TEST(the_last_state_is_kept_however_much_waits),
		TEST(much_is_too_much_when_none_of_it_leaves_for_five_seconds),
		TEST(little_may_wait_for_long),
		TEST(more_than_the_ceiling_is_refused),
		TEST(giving_up_keeps_only_a_frame_that_has_begun),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
