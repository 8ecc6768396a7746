#include "live.h"
#include "redis/publisher.h"

static struct publication to_room(const char *room)
{
	return (struct publication){
		.prefix = "cti1:",
		.domain = "Example.org",
		.room = room,
		.event = "extenUpdate",
		.args = STR("{\"exten\":\"201\"}"),
		.flags = MESSAGE_VOLATILE | MESSAGE_COALESCE,
		.coalesce_key = "exten:201",
	};
}

static enum err send(struct fixture *f, const struct publication *p)
{
	int64_t receivers;

	return publisher_send(f->redis, p, f->arena, &receivers);
}

static void messages_of_a_channel_are_counted_from_one_in_an_epoch(void **state)
{
	struct fixture *f = *state;
	struct publication p = to_room("counted");
	struct redis_reply seq;

	for (int i = 0; i < 3; i++)
		assert_int_equal(send(f, &p), ERR_OK);
	seq = call(f, REDIS_COMMAND(STR("HMGET"), STR("cti1:{example.org}:seq"), STR("r:counted"),
			      STR("epoch")));
	assert_str_equal(seq.items[0].text, "3");
	assert_int_equal(seq.items[1].text.n, 8);
}

static void late_comers_find_room_events_and_relays_can_read_them(void **state)
{
	struct fixture *f = *state;
	struct publication p = to_room("late");
	struct redis_reply all;
	const struct redis_reply *entry;
	struct message m;

	assert_int_equal(send(f, &p), ERR_OK);
	all = call(f, REDIS_COMMAND(STR("XREVRANGE"), STR("cti1:{example.org}:recent"), STR("+"),
			      STR("-"), STR("COUNT"), STR("1")));
	entry = all.items[0].items[1].items;
	assert_str_equal(entry[1].text, "r:late");
	assert_int_equal(message_parse(entry[3].text, f->arena, &m), ERR_OK);
	assert_int_equal(m.sequence, 1);
	assert_int_equal(strlen(m.epoch), 8);
	assert_string_equal(m.coalesce_key, "exten:201");
	assert_str_equal(m.payload, "[\"extenUpdate\",{\"exten\":\"201\"}]");
}

static void what_is_told_once_is_not_kept(void **state)
{
	struct fixture *f = *state;
	struct publication p = to_room("once");
	struct redis_reply before =
		call(f, REDIS_COMMAND(STR("XLEN"), STR("cti1:{example.org}:recent")));

	p.flags = MESSAGE_ONE_SHOT;
	assert_int_equal(send(f, &p), ERR_OK);
	assert_int_equal(
		call(f, REDIS_COMMAND(STR("XLEN"), STR("cti1:{example.org}:recent"))).number,
		before.number);
}

static void state_is_kept_for_those_who_ask(void **state)
{
	struct fixture *f = *state;
	struct publication p = to_room("state");

	p.state_key = "exten:201";
	assert_int_equal(send(f, &p), ERR_OK);
	assert_str_equal(
		call(f, REDIS_COMMAND(STR("HGET"), STR("cti1:{example.org}:st"), STR("exten:201")))
			.text,
		"{\"exten\":\"201\"}");
}

static void what_relays_would_drop_is_refused(void **state)
{
	struct fixture *f = *state;
	struct publication broken = to_room("x"), reserved = to_room("x"),
			   unaddressed = to_room(NULL), both = to_room("x"),
			   long_key = to_room("x");
	char key[3000];

	broken.args = STR("{\"a\":");
	reserved.event = "disconnect";
	both.user = "alice";
	memset(key, 'k', sizeof(key) - 1);
	key[sizeof(key) - 1] = '\0';
	long_key.coalesce_key = key;
	assert_int_equal(send(f, &broken), ERR_INVALID);
	assert_int_equal(send(f, &reserved), ERR_INVALID);
	assert_int_equal(send(f, &unaddressed), ERR_INVALID);
	assert_int_equal(send(f, &both), ERR_INVALID);
	assert_int_equal(send(f, &long_key), ERR_LIMIT);
}

static void event_that_makes_clients_act_is_for_a_user_alone(void **state)
{
	struct fixture *f = *state;
	struct publication call_of = to_room("x");

	call_of.event = "callWebrtc";
	assert_int_equal(send(f, &call_of), ERR_INVALID);
	call_of.room = NULL;
	call_of.user = "alice";
	call_of.domain = "acting.example.org";
	assert_int_equal(send(f, &call_of), ERR_OK);
	assert_str_equal(call(f, REDIS_COMMAND(STR("HGET"), STR("cti1:{acting.example.org}:seq"),
					 STR("ctl")))
				 .text,
		"1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_of_a_channel_are_counted_from_one_in_an_epoch),
		cmocka_unit_test(late_comers_find_room_events_and_relays_can_read_them),
		cmocka_unit_test(what_is_told_once_is_not_kept),
		cmocka_unit_test(state_is_kept_for_those_who_ask),
		cmocka_unit_test(what_relays_would_drop_is_refused),
		cmocka_unit_test(event_that_makes_clients_act_is_for_a_user_alone),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
