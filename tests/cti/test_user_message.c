/* What one user sends another (cti-api 2.4 and 5.22). */
#include <stdio.h>

#include "stage.h"

static void reaches_all_sockets_of_the_other_and_says_who_sent_it(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *alice = client_of(aa, "alice", "A", NULL),
		      *bob = client_of(aa, "bob", "B", "desktop"),
		      *phone = client_of(ab, "bob", "B", "mobile");

	(void)state;
	client_send(alice, "[\"message\",{\"message\":\"videoCallStart\",\"destUser\":\"bob\","
			   "\"callUser\":\"mallory\",\"more\":[1, 2]}]");
	assert_string_equal(bob->last.p,
		"42[\"message\",{\"message\":\"videoCallStart\",\"destUser\":\"bob\","
		"\"more\":[1, 2],\"callUser\":\"alice\"}]");
	assert_said(bob, "message");
	assert_said(phone, "message");
	assert_said(alice, "");
}

static void receiver_is_a_user_of_the_own_domain(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *alice = client_of(aa, "alice", "A", NULL),
		      *bob = client_of(aa, "bob", "B", NULL);

	(void)state;
	client_send(alice, "[\"message\",{\"message\":\"x\",\"destUser\":\"bob@Example.org\"}]");
	client_send(alice, "[\"message\",{\"message\":\"x\",\"destUser\":\"BOB\"}]");
	assert_said(bob, "message message");
	client_send(alice, "[\"message\",{\"message\":\"x\",\"destUser\":\"bob@example.com\"}]");
	client_send(alice, "[\"message\",{\"message\":\"x\",\"destUser\":\"\"}]");
	assert_said(bob, "");
	assert_said(alice, "");
}

static void malformed_one_is_a_bad_request(void **state)
{
	static const char *const wrong[] = {
		"",
		",7",
		",{}",
		",{\"message\":\"x\"}",
		",{\"destUser\":\"bob\"}",
		",{\"message\":7,\"destUser\":\"bob\"}",
		",{\"message\":\"x\",\"destUser\":[]}",
		",{\"message\":\"x\",\"destUser\":\"bob\",\"roomId\":{}}",
	};
	struct relay *aa = relay_start("aa");
	struct client *alice = client_of(aa, "alice", "A", NULL),
		      *bob = client_of(aa, "bob", "B", NULL);
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "[\"message\"%s]", wrong[i]);
		client_send(alice, text);
		assert_said(alice, "bad_request");
	}
	assert_said(bob, "");
}

static void text_has_at_most_sixty_four_bytes(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *alice = client_of(aa, "alice", "A", NULL),
		      *bob = client_of(aa, "bob", "B", NULL);
	char text[256];

	(void)state;
	for (int n = 64; n <= 65; n++) {
		snprintf(text, sizeof(text),
			"[\"message\",{\"message\":\"%0*d\",\"destUser\":\"bob\"}]", n, 0);
		client_send(alice, text);
	}
	assert_said(bob, "message");
	assert_said(alice, "bad_request");
}

static void rooms_are_numbers_or_texts(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *alice = client_of(aa, "alice", "A", NULL),
		      *bob = client_of(aa, "bob", "B", NULL);

	(void)state;
	client_send(alice, "[\"message\",{\"message\":\"screenSharingStop\",\"destUser\":\"bob\","
			   "\"roomId\":42}]");
	client_send(alice, "[\"message\",{\"message\":\"screenSharingStop\",\"destUser\":\"bob\","
			   "\"roomId\":\"42\"}]");
	assert_said(bob, "message message");
}

/* With an object of so many bytes. */
static void send_sized(struct client *c, size_t n)
{
	static const char start[] = "[\"message\",",
			  open[] = "{\"message\":\"x\",\"destUser\":\"bob\",\"pad\":\"";
	char text[9000];

	memset(text, 'p', sizeof(text));
	memcpy(text, start, strlen(start));
	memcpy(text + strlen(start), open, strlen(open));
	memcpy(text + strlen(start) + n - 2, "\"}]", 4);
	client_send(c, text);
}

static void object_has_at_most_eight_kibibytes(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *alice = client_of(aa, "alice", "A", NULL),
		      *bob = client_of(aa, "bob", "B", NULL);

	(void)state;
	send_sized(alice, 8192);
	assert_said(bob, "message");
	send_sized(alice, 8193);
	assert_said(bob, "");
	assert_said(alice, "bad_request");
}

static void ten_a_second_of_all_sockets_of_the_user(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *one = client_of(aa, "alice", "A", NULL),
		      *two = client_of(aa, "alice", "A", NULL);

	(void)state;
	for (unsigned i = 0; i < 15; i++)
		client_send(i % 2 ? one : two,
			"[\"message\",{\"message\":\"x\",\"destUser\":\"bob\"}]");
	assert_int_equal(relay_counters(aa).user_messages, 10);
	stage_pass(1000);
	for (unsigned i = 0; i < 15; i++)
		client_send(one, "[\"message\",{\"message\":\"x\",\"destUser\":\"bob\"}]");
	assert_int_equal(relay_counters(aa).user_messages, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reaches_all_sockets_of_the_other_and_says_who_sent_it),
		TEST(receiver_is_a_user_of_the_own_domain),
		TEST(malformed_one_is_a_bad_request),
		TEST(text_has_at_most_sixty_four_bytes),
		TEST(rooms_are_numbers_or_texts),
		TEST(object_has_at_most_eight_kibibytes),
		TEST(ten_a_second_of_all_sockets_of_the_user),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
