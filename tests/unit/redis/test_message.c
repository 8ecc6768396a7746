#include "../unit.h"

#include <stdlib.h>

#include "redis/message.h"

static struct arena *arena;
static struct buf out;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(4096);
	buf_init(&out, MESSAGE_MAX + 100);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	buf_finish(&out);
	return 0;
}

static struct message parsed(const char *raw)
{
	struct message m;

	if (message_parse(str_from(raw), arena, &m) != ERR_OK)
		fail_msg("refused: %s", raw);
	return m;
}

static void assert_refused(struct str raw, enum err expected)
{
	struct message m;

	if (message_parse(raw, arena, &m) != expected)
		fail_msg("not refused as %s: %.*s", err_name(expected), (int)raw.n, raw.p);
}

static void the_example_of_the_contract_is_understood(void **state)
{
	struct message m =
		parsed("{\"v\":1,\"k\":\"e\",\"i\":\"pbx1-42\",\"t\":1760000000123,\"s\":8812,"
		       "\"e\":\"5f3a09c1\",\"n\":\"extenUpdate\",\"f\":3,\"c\":\"exten:201\",\"x\":"
		       "[\"alice\"]}\n"
		       "[\"extenUpdate\",{\"exten\":\"201\"}]");

	(void)state;
	assert_int_equal(m.kind, MESSAGE_EVENT);
	assert_string_equal(m.id, "pbx1-42");
	assert_true(m.time_ms == INT64_C(1760000000123));
	assert_true(m.sequence == 8812);
	assert_string_equal(m.epoch, "5f3a09c1");
	assert_string_equal(m.name, "extenUpdate");
	assert_int_equal(m.flags, MESSAGE_VOLATILE | MESSAGE_COALESCE);
	assert_string_equal(m.coalesce_key, "exten:201");
	assert_int_equal(m.skip_users.n, 1);
	assert_string_equal(m.skip_users.items[0], "alice");
	assert_str_equal(m.payload, "[\"extenUpdate\",{\"exten\":\"201\"}]");
}

static void what_was_written_is_read_back(void **state)
{
	static const char *const names[] = { "a\"b", "c" };
	const struct message in = { .id = "7",
		.request_id = "5f3a",
		.name = "message",
		.ua_type = "desktop",
		.jtis = { names, 2 },
		.sids = { names, 1 },
		.max_age_ms = 500,
		.flags = MESSAGE_ONE_SHOT,
		.payload = STR("[\"message\",\"\xc3\xa9\"]") };
	struct message m;

	(void)state;
	message_write(&out, &in);
	m = parsed(out.p);
	assert_string_equal(m.id, "7");
	assert_string_equal(m.request_id, "5f3a");
	assert_string_equal(m.ua_type, "desktop");
	assert_int_equal(m.jtis.n, 2);
	assert_string_equal(m.jtis.items[0], "a\"b");
	assert_int_equal(m.sids.n, 1);
	assert_int_equal(m.max_age_ms, 500);
	assert_int_equal(m.flags, MESSAGE_ONE_SHOT);
	assert_int_equal(m.sequence, 0);
	assert_str_equal(m.payload, "[\"message\",\"\xc3\xa9\"]");
}

static void a_written_message_is_two_lines_without_a_third(void **state)
{
	(void)state;
	message_write(&out, &(struct message){ .id = "7", .name = "a", .payload = STR("[\"a\"]") });
	assert_string_equal(out.p, "{\"v\":1,\"k\":\"e\",\"i\":\"7\",\"n\":\"a\"}\n[\"a\"]");
}

static void changed_permissions_are_lists_in_the_header(void **state)
{
	static const char *const rooms[] = { "all", "qman" };
	static const char *const capabilities[] = { "nethvoice_cti.satellite_stt" };
	struct message m;

	(void)state;
	message_write(&out, &(struct message){ .kind = MESSAGE_CONTROL,
				    .op = MESSAGE_PERM,
				    .rooms = { rooms, 2 },
				    .capabilities = { capabilities, 1 },
				    .pv = 7 });
	assert_string_equal(out.p,
		"{\"v\":1,\"k\":\"c\",\"o\":\"perm\",\"rooms\":[\"all\",\"qman\"],"
		"\"cap\":[\"nethvoice_cti.satellite_stt\"],\"pv\":7}");
	m = parsed(out.p);
	assert_int_equal(m.op, MESSAGE_PERM);
	assert_int_equal(m.rooms.n, 2);
	assert_int_equal(m.ext.n, 0);
	assert_string_equal(m.capabilities.items[0], capabilities[0]);
	assert_int_equal(m.pv, 7);
}

static void a_control_message_is_its_header_alone(void **state)
{
	static const char *const jtis[] = { "x" };
	struct message m;

	(void)state;
	message_write(&out, &(struct message){ .kind = MESSAGE_CONTROL,
				    .op = MESSAGE_REVOKE,
				    .all = true,
				    .but = "y",
				    .jtis = { jtis, 1 } });
	assert_string_equal(out.p, "{\"v\":1,\"k\":\"c\",\"j\":[\"x\"],\"o\":\"revoke\","
				   "\"all\":true,\"but\":\"y\"}");
	m = parsed(out.p);
	assert_int_equal(m.kind, MESSAGE_CONTROL);
	assert_int_equal(m.op, MESSAGE_REVOKE);
	assert_true(m.all);
	assert_string_equal(m.but, "y");
}

static void a_takeover_tells_who_asks(void **state)
{
	struct message m = parsed("{\"v\":1,\"k\":\"c\",\"o\":\"takeover\",\"q\":[\"s1\"],"
				  "\"by\":{\"relay\":\"r2\",\"sid\":\"s2\"}}");

	(void)state;
	assert_int_equal(m.op, MESSAGE_TAKEOVER);
	assert_string_equal(m.by_relay, "r2");
	assert_string_equal(m.by_sid, "s2");
}

static void a_bare_array_is_an_event_for_its_channel(void **state)
{
	struct message m = parsed(" [\"extenUpdate\",{\"exten\":\"201\"}]\n");

	(void)state;
	assert_int_equal(m.kind, MESSAGE_EVENT);
	assert_string_equal(m.name, "extenUpdate");
	assert_str_equal(m.payload, "[\"extenUpdate\",{\"exten\":\"201\"}]");
	assert_null(m.id);
}

static void a_field_nobody_knows_yet_is_passed_over(void **state)
{
	(void)state;
	parsed("{\"v\":1,\"k\":\"e\",\"n\":\"a\",\"zz\":{\"y\":[1]}}\n[\"a\"]");
}

static void broken_messages_are_refused(void **state)
{
	static const char *const bad[] = { "", "hello", "{", "{}", "[", "[]", "[1]", "[\"a\"",
		"[\"a\"] [\"b\"]", "[\"a\",]", "[\"a\xff\"]", "[\"a\tb\"]", "[\"a\",\n1]",
		"{\"v\":1,\"k\":\"e\"}", "{\"v\":1,\"k\":\"e\"}\n", "{\"v\":1,\"k\":\"e\"}\n{}",
		"{\"v\":1,\"k\":\"e\",\"i\":\"\xff\"}\n[\"a\"]", "{\"v\":2,\"k\":\"e\"}\n[\"a\"]",
		"{\"v\":\"1\",\"k\":\"e\"}\n[\"a\"]", "{\"k\":\"e\"}\n[\"a\"]",
		"{\"v\":1,\"k\":\"x\"}\n[\"a\"]", "{\"v\":1,\"k\":\"e\",\"s\":\"1\"}\n[\"a\"]",
		"{\"v\":1,\"k\":\"e\",\"x\":\"alice\"}\n[\"a\"]",
		"{\"v\":1,\"k\":\"e\",\"x\":[1]}\n[\"a\"]",
		"{\"v\":1,\"k\":\"e\",\"d\":-1}\n[\"a\"]", "{\"v\":1,\"k\":\"e\"} x\n[\"a\"]",
		"{\"v\":1,\"k\":\"e\"}\n[\"a\"]\n[\"b\"]", "{\"v\":1,\"k\":\"c\"}",
		"{\"v\":1,\"k\":\"c\",\"o\":\"explode\"}",
		"{\"v\":1,\"k\":\"c\",\"o\":\"revoke\"}\n[\"a\"]",
		"{\"v\":1,\"k\":\"e\",\"o\":\"revoke\"}\n[\"a\"]", NULL };

	(void)state;
	for (size_t i = 0; bad[i]; i++)
		assert_refused(str_from(bad[i]), ERR_PROTOCOL);
	assert_refused(STR("[\"a\",\"\0\"]"), ERR_PROTOCOL);
}

static void a_message_that_is_too_large_is_refused(void **state)
{
	char *large = malloc(MESSAGE_MAX);

	(void)state;
	memset(large, ' ', MESSAGE_MAX);
	memcpy(large, "[\"a\",1", 6);
	large[MESSAGE_PAYLOAD_MAX] = ']';
	assert_refused((struct str){ large, MESSAGE_PAYLOAD_MAX + 1 }, ERR_LIMIT);
	memcpy(large, "{\"v\":1,\"k\":\"e\"", 14);
	memcpy(large + MESSAGE_HEADER_MAX, "}\n[]", 4);
	assert_refused((struct str){ large, MESSAGE_HEADER_MAX + 4 }, ERR_LIMIT);
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		FRESH(the_example_of_the_contract_is_understood),
		FRESH(what_was_written_is_read_back),
		FRESH(a_written_message_is_two_lines_without_a_third),
		FRESH(changed_permissions_are_lists_in_the_header),
		FRESH(a_control_message_is_its_header_alone),
		FRESH(a_takeover_tells_who_asks),
		FRESH(a_bare_array_is_an_event_for_its_channel),
		FRESH(a_field_nobody_knows_yet_is_passed_over),
		FRESH(broken_messages_are_refused),
		FRESH(a_message_that_is_too_large_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
