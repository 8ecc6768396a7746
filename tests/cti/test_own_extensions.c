/* What a client's own extensions are doing is told it after its login, however long it was away. */
#include "stage.h"

#define STATES      STR("cti1:{" DOMAIN "}:st")
#define RINGING_201 "{\"exten\":\"201\",\"status\":\"ringing\"}"
#define NEWER_201 \
	"{\"v\":1,\"k\":\"e\",\"f\":3,\"c\":\"exten:201\"}\n[\"newer\",{\"status\":\"online\"}]"

static void put_state(const char *field, const char *state)
{
	REDIS_NUMBER(STR("HSET"), STATES, str_from(field), str_from(state));
}

/* Alice, whose are the extensions 201 and 91201. */
static void session_of_alice(void)
{
	session_copy("alice", "A", "all", stage_wall_s() + 100000);
	REDIS_NUMBER(STR("HSET"), STR("cti1:{" DOMAIN "}:tok:A"), STR("ext"), STR("201 91201"));
}

static struct client *alice_on(struct relay *r)
{
	struct client *c = client_open(r);

	session_of_alice();
	client_log_in(c, "alice", "A", NULL);
	return c;
}

static void own_extensions_are_told_as_they_are_and_no_others(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c;

	(void)state;
	put_state("exten:201", RINGING_201);
	put_state("exten:202", "{\"exten\":\"202\"}");
	c = alice_on(aa);
	assert_string_equal(c->last.p, "42[\"extenUpdate\"," RINGING_201 "]");
	assert_said(c, "authe_ok extenUpdate");
	assert_int_equal(relay_counters(aa).replays, 1);
	assert_said(client_of(aa, "bob", "B", NULL), "");
}

static void of_more_extensions_each_is_told_once(void **state)
{
	struct client *c;

	(void)state;
	put_state("exten:201", RINGING_201);
	put_state("exten:91201", "{\"exten\":\"91201\"}");
	c = alice_on(relay_start("aa"));
	assert_said(c, "authe_ok extenUpdate extenUpdate");
	client_log_in(c, "alice", "A", NULL);
	assert_said(c, "authe_ok");
}

static void what_is_no_state_is_not_told(void **state)
{
	(void)state;
	put_state("exten:201", "{\"exten\":");
	put_state("exten:91201", "[]");
	assert_said(alice_on(relay_start("aa")), "authe_ok");
}

/* The state is asked for over one connection while events come over the other. */
static struct client *asking(struct relay *r)
{
	struct client *c = client_open(r);

	session_of_alice();
	relay_hold(r, LINE_COMMANDS, true);
	client_log_in(c, "alice", "A", NULL);
	relay_hold(r, LINE_COMMANDS, false);
	while (!c->said.n)
		stage_turn();
	relay_hold(r, LINE_COMMANDS, true);
	return c;
}

static void live_event_is_not_followed_by_an_older_state(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c;

	(void)state;
	put_state("exten:201", RINGING_201);
	put_state("exten:91201", "{\"exten\":\"91201\"}");
	c = asking(aa);
	publish(USER_OF("alice"), NEWER_201);
	relay_hold(aa, LINE_COMMANDS, false);
	stage_settle();
	assert_said(c, "authe_ok newer extenUpdate");
	assert_string_equal(c->last.p, "42[\"extenUpdate\",{\"exten\":\"91201\"}]");
}

static void login_in_the_moment_redis_goes_is_told_when_it_is_back(void **state)
{
	struct relay *aa = relay_start("aa");
	struct client *c;

	(void)state;
	put_state("exten:201", RINGING_201);
	c = asking(aa);
	relay_hold(aa, LINE_COMMANDS, false);
	relay_cut(aa, LINE_COMMANDS);
	relay_mend(aa);
	stage_settle();
	assert_said(c, "authe_ok extenUpdate");
}

static void client_that_goes_meanwhile_is_no_harm(void **state)
{
	struct relay *aa = relay_start("aa");

	(void)state;
	put_state("exten:201", RINGING_201);
	client_drop(asking(aa));
	relay_hold(aa, LINE_COMMANDS, false);
	stage_settle();
	assert_int_equal(relay_counters(aa).sessions, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(own_extensions_are_told_as_they_are_and_no_others),
		TEST(of_more_extensions_each_is_told_once),
		TEST(what_is_no_state_is_not_told),
		TEST(live_event_is_not_followed_by_an_older_state),
		TEST(login_in_the_moment_redis_goes_is_told_when_it_is_back),
		TEST(client_that_goes_meanwhile_is_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
