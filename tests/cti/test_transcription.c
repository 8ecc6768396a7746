/* Hearing what is said in a call, until the look that finds the user gone (cti-api 2.8). */
#include "stage.h"

#define CALL_ROOM  ROOM_OF("stt.17.2")
#define LOOK_MS    30000
#define IN_CALL    "{\"conversations\":{\"a>b\":{\"linkedId\":\"17.2\",\"uniqueId\":\"17.3\"}}}"
#define NO_CALL    "{\"conversations\":{}}"
#define START      "[\"start_transcription\",{\"linkedid\":\"17.2\"}]"
#define SAID       "[\"satellite/transcription\",{\"transcription\":\"hello\"}]"
#define HEARS_SAID "satellite/transcription"

static void put_state(const char *state)
{
	REDIS_NUMBER(STR("HSET"), STR("cti1:{" DOMAIN "}:st"), STR("exten:201"), str_from(state));
}

/* Alice, who may ask for it and has the extension 201. */
static struct client *alice_on(struct relay *r)
{
	struct client *c = client_open(r);

	session_copy("alice", "A", "all", stage_wall_s() + 100000);
	REDIS_NUMBER(STR("HSET"), STR("cti1:{" DOMAIN "}:tok:A"), STR("ext"), STR("201"),
		STR("cap"), STR("nethvoice_cti.satellite_stt"));
	client_log_in(c, "alice", "A", NULL);
	assert_said(c, "authe_ok");
	return c;
}

static void who_has_hung_up_hears_no_more_after_the_next_look(void **state)
{
	struct client *c = alice_on(relay_start("aa"));

	(void)state;
	put_state(IN_CALL);
	client_send(c, START);
	stage_pass(3 * LOOK_MS);
	publish(CALL_ROOM, SAID);
	assert_said(c, HEARS_SAID);
	put_state(NO_CALL);
	stage_pass(LOOK_MS);
	publish(CALL_ROOM, SAID);
	assert_said(c, "");
}

static void wish_of_a_time_without_redis_is_fulfilled_at_the_next_look(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = alice_on(aa);

	(void)state;
	put_state(IN_CALL);
	relay_cut(aa, LINE_COMMANDS);
	client_send(c, START);
	relay_mend(aa);
	stage_pass(LOOK_MS);
	publish(CALL_ROOM, SAID);
	assert_said(c, HEARS_SAID);
	assert_int_equal(relay_counters(aa).client_events_refused, 0);
}

static void gap_in_what_is_said_sends_nobody_away(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c = alice_on(aa);

	(void)state;
	put_state(IN_CALL);
	client_send(c, START);
	publish(CALL_ROOM, "{\"v\":1,\"k\":\"e\",\"s\":1,\"e\":\"x\",\"f\":4}\n" SAID);
	publish(CALL_ROOM, "{\"v\":1,\"k\":\"e\",\"s\":5,\"e\":\"x\",\"f\":4}\n" SAID);
	stage_pass(10000);
	assert_said(c, HEARS_SAID " " HEARS_SAID);
	assert_int_equal(relay_counters(aa).gaps, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_has_hung_up_hears_no_more_after_the_next_look),
		TEST(wish_of_a_time_without_redis_is_fulfilled_at_the_next_look),
		TEST(gap_in_what_is_said_sends_nobody_away),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
