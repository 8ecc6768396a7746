#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/unit.h"
#include "base/buf.h"
#include "base/clock.h"
#include "redis/subscriber.h"

/* What happens is written down; waiting is for that, never for a time. */
struct fixture {
	struct arena *arena;
	struct redis_address address;
	struct subscriber_owner owner;
	struct subscriber *subscriber;
	struct subscription one, two;
	struct buf said;
	int fd;
	bool output;
	unsigned downs;
};

static struct fixture f;

static void watch(void *arg, int fd, bool output)
{
	(void)arg;
	f.fd = fd;
	f.output = output;
}

static void on_confirmed(void *arg, struct subscription *s)
{
	(void)arg;
	buf_printf(&f.said, "confirmed %s;", s->name);
}

static void on_message(void *arg, struct subscription *s, struct str message)
{
	(void)arg;
	buf_printf(&f.said, "%s: %.*s;", s->name, (int)message.n, message.p);
}

static void on_echo(void *arg, uint64_t number)
{
	(void)arg;
	buf_printf(&f.said, "echo %u;", (unsigned)number);
}

static void on_down(void *arg)
{
	(void)arg;
	f.downs++;
}

static void turn(void)
{
	struct pollfd p = { f.fd, (short)(POLLIN | (f.output ? POLLOUT : 0)), 0 };
	struct pipeline *pipeline = subscriber_pipeline(f.subscriber);

	poll(&p, f.fd >= 0 ? 1 : 0, 10);
	if (p.revents)
		pipeline_on_ready(
			pipeline, p.revents & (POLLIN | POLLHUP | POLLERR), p.revents & POLLOUT);
	deadline_queue_run(pipeline_deadlines(pipeline), clock_ms());
}

static void until_said(const char *text)
{
	int64_t end = clock_ms() + 10000;

	while (clock_ms() < end && !str_is(buf_str(&f.said), text))
		turn();
	assert_string_equal(f.said.p ? f.said.p : "", text);
	buf_clear(&f.said);
}

static void shell(const char *variable)
{
	assert_int_equal(system(getenv(variable)), 0);
}

static void publish(const char *channel, const char *text)
{
	char command[256];

	snprintf(command, sizeof(command), "%s publish %s %s >/dev/null", getenv("TEST_REDIS_CLI"),
		channel, text);
	assert_int_equal(system(command), 0);
}

static int setup(void **state)
{
	(void)state;
	f = (struct fixture){ .arena = arena_new(1024), .fd = -1 };
	buf_init(&f.said, 10000);
	assert_int_equal(redis_address_parse(getenv("TEST_REDIS"), f.arena, &f.address), ERR_OK);
	f.owner = (struct subscriber_owner){ watch, on_confirmed, on_message, on_down, on_echo,
		NULL };
	f.subscriber = subscriber_new(&f.address, &f.owner);
	pipeline_start(subscriber_pipeline(f.subscriber));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	subscriber_free(&f.subscriber);
	buf_finish(&f.said);
	arena_free(&f.arena);
	return 0;
}

static void messages_come_after_the_confirmation(void **state)
{
	(void)state;
	subscriber_add(f.subscriber, &f.one, STR("one"));
	until_said("confirmed one;");
	publish("one", "hello");
	publish("two", "lost");
	publish("one", "again");
	until_said("one: hello;one: again;");
	assert_ptr_equal(subscriber_find(f.subscriber, STR("one")), &f.one);
	assert_null(subscriber_find(f.subscriber, STR("two")));
}

static void a_removed_channel_is_silent(void **state)
{
	(void)state;
	subscriber_add(f.subscriber, &f.one, STR("one"));
	until_said("confirmed one;");
	subscriber_add(f.subscriber, &f.two, STR("two"));
	until_said("confirmed two;");
	subscriber_remove(f.subscriber, &f.one);
	publish("one", "unheard");
	publish("two", "heard");
	until_said("two: heard;");
}

static void an_old_answer_does_not_confirm_a_new_subscription(void **state)
{
	(void)state;
	subscriber_add(f.subscriber, &f.two, STR("two"));
	until_said("confirmed two;");
	subscriber_add(f.subscriber, &f.one, STR("one"));
	subscriber_remove(f.subscriber, &f.one);
	subscriber_add(f.subscriber, &f.one, STR("one"));
	until_said("confirmed one;");
	publish("one", "hello");
	until_said("one: hello;");
}

static void an_echo_comes_behind_what_was_published_before(void **state)
{
	(void)state;
	assert_int_equal(subscriber_echo(f.subscriber, 1), ERR_UNAVAILABLE);
	subscriber_add(f.subscriber, &f.one, STR("one"));
	until_said("confirmed one;");
	publish("one", "hello");
	assert_int_equal(subscriber_echo(f.subscriber, 42), ERR_OK);
	until_said("one: hello;echo 42;");
}

static void all_channels_come_back_after_a_restart(void **state)
{
	(void)state;
	subscriber_add(f.subscriber, &f.one, STR("one"));
	until_said("confirmed one;");
	shell("TEST_REDIS_STOP");
	while (f.downs == 0)
		turn();
	assert_false(f.one.confirmed);
	subscriber_add(f.subscriber, &f.two, STR("two"));
	shell("TEST_REDIS_START");
	while (!f.one.confirmed || !f.two.confirmed)
		turn();
	buf_clear(&f.said);
	publish("one", "hello");
	publish("two", "hello");
	until_said("one: hello;two: hello;");
}

static void cli(const char *words)
{
	char command[128];

	snprintf(command, sizeof(command), "$TEST_REDIS_CLI %s >/dev/null", words);
	assert_int_equal(system(command), 0);
}

static void a_channel_that_is_forbidden_does_not_block_others_once_it_is_allowed(void **state)
{
	(void)state;
	subscriber_add(f.subscriber, &f.one, STR("one"));
	until_said("confirmed one;");
	cli("acl setuser default resetchannels '&one'");
	subscriber_add(f.subscriber, &f.two, STR("two"));
	while (f.downs == 0)
		turn();
	cli("acl setuser default allchannels");
	while (!f.one.confirmed || !f.two.confirmed)
		turn();
	buf_clear(&f.said);
	publish("one", "hello");
	until_said("one: hello;");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_come_after_the_confirmation),
		TEST(an_echo_comes_behind_what_was_published_before),
		TEST(a_removed_channel_is_silent),
		TEST(an_old_answer_does_not_confirm_a_new_subscription),
		TEST(a_channel_that_is_forbidden_does_not_block_others_once_it_is_allowed),
		TEST(all_channels_come_back_after_a_restart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
