/*
 * Random histories of one user's sockets on up to three relays of which some die without a word: as many
 * as the limit live, what dead relays have left behind counts for nothing, and the oldest goes for a
 * newcomer beyond the limit, so that it may come back, no other.
 *
 * DIALTONE_HISTORIES is how many are run; DIALTONE_SEED is the first one's number.  A failure prints the
 * number of its history, which alone makes the same one again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/noise.h"
#include "stage.h"

#define HISTORIES 10
#define STEPS     12
#define RELAYS    3
#define LIMIT     6
#define SOCKETS   500
/* Until all relays agree who lives; two that ask in the same moment need longer than one. */
#define AGREED_MS 10000

static struct relay *relays[RELAYS];
static bool dead[RELAYS];
/* In the order in which they logged in. */
static struct {
	struct client *client;
	size_t relay;
	bool lost; /* with its relay, or left by itself */
} sockets[SOCKETS];
static size_t socket_n, living;
static uint64_t history;

static bool lives(size_t i)
{
	return !sockets[i].lost && !sockets[i].client->ended;
}

static void fail_history(const char *what, size_t i)
{
	print_error("history %" PRIu64 ", socket %zu of %zu: %s: said \"%.*s\", %zu are to live\n",
		history, i, socket_n, what, (int)buf_str(&sockets[i].client->said).n,
		buf_str(&sockets[i].client->said).p, living);
	fail();
}

/* The newest live, as many as may; the others were told to come back. */
static void check_all(void)
{
	size_t n = 0;

	if (living > LIMIT)
		living = LIMIT;
	for (size_t i = socket_n; i-- > 0;) {
		if (sockets[i].lost)
			continue;
		if (n++ < living) {
			if (!lives(i))
				fail_history("sent away", i);
			continue;
		}
		if (lives(i))
			fail_history("one too many", i);
		if (!str_is(buf_str(&sockets[i].client->said), "authe_ok retry"))
			fail_history("may not come back", i);
	}
}

static size_t living_relay(void)
{
	size_t i;

	do
		i = random_below(RELAYS);
	while (dead[i]);
	return i;
}

static void log_in_one(void)
{
	size_t relay = living_relay();

	stage_pass(random_one_in(3) ? 0 : (int64_t)random_below(3000));
	assert_true(socket_n < SOCKETS);
	sockets[socket_n].client = client_open(relays[relay]);
	sockets[socket_n].relay = relay;
	sockets[socket_n].lost = false;
	client_log_in(sockets[socket_n++].client, "alice", "A", NULL);
	living++;
}

static void log_in_some(void)
{
	for (uint64_t n = 1 + random_below(LIMIT); n > 0; n--)
		log_in_one();
}

static void drop_one(void)
{
	size_t i = random_below(socket_n + 1);

	if (i == socket_n || !lives(i))
		return;
	sockets[i].lost = true;
	living--;
	client_drop(sockets[i].client);
}

static void start(size_t relay)
{
	static const char *const ids[RELAYS] = { "aa", "ab", "ac" };

	relays[relay] = relay_start(ids[relay]);
	relays[relay]->settings.user_sockets_max = LIMIT;
	dead[relay] = false;
}

static void start_one(void)
{
	size_t relay = random_below(RELAYS);

	if (dead[relay])
		start(relay);
}

static size_t lose_clients_of(size_t relay)
{
	size_t lost = 0;

	for (size_t i = 0; i < socket_n; i++)
		if (sockets[i].relay == relay && lives(i)) {
			sockets[i].lost = true;
			lost++;
		}
	living -= lost;
	return lost;
}

/* A relay dies and may be started again at once; its clients come back, wherever there is one. */
static void kill_one(void)
{
	size_t relay = living_relay(), lost = lose_clients_of(relay);

	relay_die(relays[relay]);
	dead[relay] = true;
	if (random_one_in(2) || (dead[0] && dead[1] && dead[2]))
		start(relay);
	while (lost-- > 0)
		log_in_one();
}

static void pass_some(void)
{
	stage_pass((int64_t)random_below(40000));
}

static void run_history(void)
{
	static void (*const steps[])(void) = { log_in_some, log_in_some, drop_one, drop_one,
		kill_one, kill_one, start_one, pass_some };

	socket_n = living = 0;
	noise_begin(history);
	session_copy("alice", "A", "all", stage_wall_s() + 1000000);
	for (size_t i = 0; i < RELAYS; i++)
		start(i);
	for (int i = 0; i < STEPS; i++) {
		steps[random_below(sizeof(steps) / sizeof(steps[0]))]();
		stage_pass(AGREED_MS);
		check_all();
	}
}

static void newest_live_and_the_dead_count_for_nothing(void **state)
{
	const struct histories h = histories_wanted(HISTORIES);

	for (history = h.first; history < h.end; history++) {
		if (history > h.first)
			stage_setup(state);
		run_history();
		if (history + 1 < h.end)
			stage_teardown(state);
	}
}

/* Both halves of sixteen clients: those whose relay died come back beside those that stayed. */
static void loss_of_a_host_sends_no_client_of_the_other_away(void **state)
{
	struct relay *aa = relay_start("aa"), *ab = relay_start("ab");
	struct client *stayed[8], *back[8];

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		stayed[i] = client_of(aa, "alice", "A", NULL);
		client_of(ab, "alice", "A", NULL);
	}
	stage_pass(1000);
	relay_die(ab);
	stage_pass(1000);
	for (size_t i = 0; i < 8; i++)
		back[i] = client_of(aa, "alice", "A", NULL);
	stage_pass(AGREED_MS);
	for (size_t i = 0; i < 8; i++) {
		assert_said(stayed[i], "");
		assert_said(back[i], "");
	}
	assert_int_equal(relay_counters(aa).crowded, 0);
	assert_int_equal(REDIS_NUMBER(STR("HLEN"), STR("cti1:{" DOMAIN "}:sess:alice")), 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(loss_of_a_host_sends_no_client_of_the_other_away),
		TEST(newest_live_and_the_dead_count_for_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
