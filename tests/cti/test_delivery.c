/* Who hears an event, and what becomes of one that is wrong (cti-api 3.2). */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "redis/message.h"
#include "stage.h"

static void event(const char *channel, const char *header, const char *name)
{
	char text[512];

	snprintf(text, sizeof(text), "{\"v\":1,\"k\":\"e\"%s}\n[\"%s\"]", header, name);
	publish(channel, text);
}

static void event_of_a_user_reaches_all_sockets_of_that_user(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *one = client_of(aa, "alice", "A", "desktop"),
		      *two = client_of(ab, "alice", "B", "mobile"),
		      *bob = client_of(aa, "bob", "C", NULL), *stranger = client_open(aa);

	(void)state;
	event(USER_OF("alice"), "", "ring");
	assert_said(one, "ring");
	assert_said(two, "ring");
	assert_said(bob, "");
	assert_said(stranger, "");
}

static void users_to_skip_are_skipped(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *alice = client_of(aa, "alice", "A", NULL),
		      *bob = client_of(aa, "bob", "B", NULL);

	(void)state;
	event(ROOM_OF("all"), ",\"x\":[\"alice\",\"carol\"]", "state");
	assert_said(alice, "");
	assert_said(bob, "state");
}

static void event_may_be_for_a_type_a_session_or_a_socket(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *desktop = client_of(aa, "alice", "A", "desktop"),
		      *mobile = client_of(aa, "alice", "B", "mobile"),
		      *other = client_of(aa, "alice", "B", NULL);
	char header[64];

	(void)state;
	event(USER_OF("alice"), ",\"a\":\"mobile\"", "type");
	event(USER_OF("alice"), ",\"j\":[\"B\",\"Z\"]", "session");
	snprintf(header, sizeof(header), ",\"q\":[\"%s\"]", desktop->sio.id);
	event(USER_OF("alice"), header, "socket");
	event(USER_OF("alice"), ",\"a\":\"desktop\",\"j\":[\"B\"]", "nobody");
	assert_said(desktop, "socket");
	assert_said(mobile, "type session");
	assert_said(other, "session");
}

static void event_that_is_too_old_is_dropped(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);
	char header[64];
	long long now = (long long)stage_wall_s() * 1000;

	(void)state;
	snprintf(header, sizeof(header), ",\"t\":%lld,\"d\":500", now - 500);
	event(USER_OF("alice"), header, "just_in_time");
	stage_pass(1);
	event(USER_OF("alice"), header, "late");
	assert_said(c, "just_in_time");
	assert_int_equal(relay_counters(aa).stale_messages, 1);
}

static void flags_go_with_the_frame(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);
	uint64_t first;

	(void)state;
	event(USER_OF("alice"), ",\"f\":3,\"c\":\"exten:201\"", "state");
	assert_false(c->fleeting); /* the newest of its key: nothing may take it away */
	first = c->state;
	assert_true(first != 0);
	event(USER_OF("alice"), ",\"f\":2,\"c\":\"exten:202\"", "state");
	assert_false(c->fleeting);
	assert_true(c->state != 0 && c->state != first);
	event(USER_OF("alice"), ",\"f\":1", "level");
	assert_true(c->fleeting);
	assert_int_equal(c->state, 0);
	event(USER_OF("alice"), ",\"f\":4", "once");
	assert_false(c->fleeting);
	assert_int_equal(c->state, 0);
}

static void payload_arrives_byte_for_byte(void **state)
{
	static const char payload[] =
		"[\"openThis\",\"https://x/?q=1\",  {\"a\":[1e3,\"\\u00e8 \xc3\xa8\"]}]";
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);
	char text[256];

	(void)state;
	snprintf(text, sizeof(text), "{\"v\":1,\"k\":\"e\"}\n%s", payload);
	publish(USER_OF("alice"), text);
	assert_string_equal(c->last.p, (snprintf(text, sizeof(text), "42%s", payload), text));
}

static void message_that_is_wrong_is_counted_and_reaches_nobody(void **state)
{
	static const char *const wrong[] = {
		"",
		"hello",
		"{\"v\":1,\"k\":\"e\"}",
		"{\"v\":2,\"k\":\"e\"}\n[\"x\"]",
		"{\"k\":\"e\"}\n[\"x\"]",
		"{\"v\":1,\"k\":\"z\"}\n[\"x\"]",
		"{\"v\":1,\"k\":\"e\",\"f\":\"3\"}\n[\"x\"]",
		"{\"v\":1,\"k\":\"e\"}\n{\"x\":1}",
		"{\"v\":1,\"k\":\"e\"}\n[\"x\"",
		"{\"v\":1,\"k\":\"e\"}\n[1]",
		"{\"v\":1,\"k\":\"e\"}\n[]",
		"{\"v\":1,\"k\":\"e\"}\n[\"x\"]\n[\"y\"]",
		"{\"v\":1,\"k\":\"e\"}\n[\"x\",\"\xff\"]",
		"{\"v\":1,\"k\":\"e\"}\n[\"disconnect\"]",
		"[\"connect\"]",
		"[1]",
	};
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		publish(USER_OF("alice"), wrong[i]);
		assert_int_equal(relay_counters(aa).bad_messages, i + 1);
	}
	assert_said(c, "");
}

static void add_repeated(struct buf *text, char c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_add_char(text, c);
	}
}

/* {"v":1,"k":"e","i":"..."} and ["x","..."], so long that they have header and payload bytes. */
static void sized(size_t header, size_t payload)
{
	static const char before[] = "{\"v\":1,\"k\":\"e\",\"i\":\"", between[] = "\"}\n[\"x\",\"";
	struct buf text;

	buf_init(&text, 2 * MESSAGE_MAX);
	buf_add_str(&text, before);
	add_repeated(&text, 'a', header - strlen(before) - strlen("\"}"));
	buf_add_str(&text, between);
	add_repeated(&text, 'b', payload - strlen("[\"x\",\"\"]"));
	buf_add_str(&text, "\"]");
	assert_int_equal(text.n, header + 1 + payload);
	publish(USER_OF("alice"), text.p);
	buf_finish(&text);
}

static void header_and_payload_have_their_limits(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = client_of(aa, "alice", "A", NULL);

	(void)state;
	sized(MESSAGE_HEADER_MAX, 100);
	sized(100, MESSAGE_PAYLOAD_MAX);
	assert_said(c, "x x");
	sized(MESSAGE_HEADER_MAX + 1, 100);
	sized(100, MESSAGE_PAYLOAD_MAX + 1);
	assert_said(c, "");
	assert_int_equal(relay_counters(aa).bad_messages, 2);
}

static void bare_array_is_an_event(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);

	(void)state;
	publish(USER_OF("alice"), " [\"bare\", {\"a\": 1}]\n");
	assert_said(c, "bare");
}

static void events_come_in_the_order_in_which_they_were_published(void **state)
{
	struct client *c = client_of(relay_start("aa"), "alice", "A", NULL);

	(void)state;
	relay_hold(c->relay, LINE_EVENTS, true);
	event(USER_OF("alice"), "", "one");
	event(ROOM_OF("all"), "", "two");
	event(USER_OF("alice"), "", "three");
	relay_hold(c->relay, LINE_EVENTS, false);
	stage_settle();
	assert_said(c, "one two three");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(event_of_a_user_reaches_all_sockets_of_that_user),
		TEST(users_to_skip_are_skipped),
		TEST(event_may_be_for_a_type_a_session_or_a_socket),
		TEST(event_that_is_too_old_is_dropped),
		TEST(flags_go_with_the_frame),
		TEST(payload_arrives_byte_for_byte),
		TEST(message_that_is_wrong_is_counted_and_reaches_nobody),
		TEST(header_and_payload_have_their_limits),
		TEST(bare_array_is_an_event),
		TEST(events_come_in_the_order_in_which_they_were_published),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
