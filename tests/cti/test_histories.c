/*
 * Random histories of publishes, logins, slow and polling readers, held and broken connections, held
 * against a model of what cti-api 3.4 and 3.8 promise: in one connection nothing is heard twice, no
 * value of a key is followed by an older one, and the last value of each key arrives, or the transport
 * ends.
 *
 * DIALTONE_HISTORIES is how many are run; DIALTONE_SEED is the first one's number.  A failure prints the
 * number of its history, which alone makes the same one again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "redis/publisher.h"
#include "relay/net/frame_queue.h"
#include "../unit/noise.h"
#include "stage.h"

#define HISTORIES     20
#define STEPS         40
#define READERS       8
#define PUBLISHED_MAX 800 /* messages; Redis keeps the last thousand */
#define BACK_MS       10000

/* Keys, and behind them what has none: there each number is an event of its own. */
enum what {
	ROOM_KEYS = 6,   /* up to here: states told in the room all */
	OTHER_KEYS = 10, /* told in a room that only some are in */
	OWN_KEYS = 12,   /* alice's: on her channel, and to all others in the room all */
	ONCE = OWN_KEYS,
	WITHOUT_KEY,
	FLEETING,
	WHATS
};

struct reader {
	struct client *client;
	struct frame_queue *queue;
	char user[16];
	bool polling, alice, in_other, live;
	size_t bytes;         /* it takes in a step; a polling one takes all, now and then */
	int64_t since_ms;     /* what happened from then on is caught up with */
	int64_t heard[WHATS]; /* the last number */
	int64_t owed[WHATS];  /* the number that has to be heard in the end */
	uint8_t seen[WHATS][PUBLISHED_MAX], due[WHATS][PUBLISHED_MAX];
};

static struct reader readers[READERS];
static struct frame_tally tally;
static struct relay *aa;
static struct arena *arena;
static struct {
	int64_t number, at_ms;
} last[WHATS]; /* published */
static unsigned messages, tokens;
static uint64_t history;

static int64_t redis_ms(void)
{
	return REDIS_NUMBER(STR("EVAL"),
		STR("local t = redis.call('TIME') return t[1] * 1000 + math.floor(t[2] / 1000)"),
		STR("0"));
}

static void fail_history(const char *what, const struct reader *r, enum what which, int64_t number)
{
	print_error("history %" PRIu64 ", reader %td%s: %s: what=%d number=%" PRId64
		    " heard=%" PRId64 " owed=%" PRId64 "\n",
		history, r - readers, r->polling ? " (polling)" : "", what, which, number,
		r->heard[which], r->owed[which]);
	fail();
}

static void hear(struct reader *r, struct str text)
{
	char copy[64] = "";
	int which;
	int64_t number;

	memcpy(copy, text.p, text.n < sizeof(copy) ? text.n : sizeof(copy) - 1);
	if (strncmp(copy, "42[\"authe_ok\"", 13) == 0)
		return;
	if (sscanf(copy, "42[\"e\",{\"w\":%d,\"n\":%" SCNd64, &which, &number) != 2)
		return;
	if (r->seen[which][number])
		fail_history("heard twice", r, which, number);
	r->seen[which][number] = 1;
	if (which < OWN_KEYS && number <= r->heard[which])
		fail_history("older after newer", r, which, number);
	if (number > r->heard[which])
		r->heard[which] = number;
}

static void read_some(struct reader *r, size_t bytes)
{
	while (r->queue && bytes > 0) {
		struct frame *f = frame_queue_at(r->queue, 0);
		size_t n = frame_wire(f).n;

		hear(r, frame_text(f));
		frame_queue_consume(&r->queue, n, stage_now_ms());
		r->client->waiting = frame_queue_bytes(r->queue);
		bytes -= n < bytes ? n : bytes;
	}
}

static void on_frame(struct client *c, struct frame *f)
{
	for (size_t i = 0; i < READERS; i++) {
		if (readers[i].client != c)
			continue;
		readers[i].live |= str_starts(frame_text(f), "42[\"authe_ok\"");
		if (frame_queue_add(&readers[i].queue, &tally, f, 0, stage_now_ms()) != ERR_OK)
			c->ended = true;
		c->waiting = frame_queue_bytes(readers[i].queue);
	}
}

static bool is_there(const struct reader *r)
{
	return r->client && !r->client->ended;
}

static bool hears(const struct reader *r, enum what which)
{
	return which < ROOM_KEYS || which >= OTHER_KEYS || r->in_other;
}

/* A live client is owed the last state of each thing, and all that has no key. */
static void owe_live(enum what which, int64_t number)
{
	for (size_t i = 0; i < READERS; i++) {
		struct reader *r = &readers[i];

		if (!is_there(r) || !r->live || !hears(r, which))
			continue;
		r->owed[which] = number;
		r->due[which][number] = which == ONCE || which == WITHOUT_KEY;
	}
}

/* A newcomer is owed the last state of each thing that happened since shortly before. */
static void owe_recent(struct reader *r)
{
	for (int which = 0; which < OWN_KEYS; which++)
		if (last[which].number && last[which].at_ms >= r->since_ms && hears(r, which) &&
			!(r->alice && which >= OTHER_KEYS && which < OWN_KEYS))
			r->owed[which] = last[which].number;
}

static void put(const char *channel, enum what which, int64_t number, size_t size, const char *skip)
{
	static const int64_t flags[] = {
		[ONCE] = MESSAGE_ONE_SHOT, [WITHOUT_KEY] = 0, [FLEETING] = MESSAGE_VOLATILE
	};
	const char *filling = arena_printf(arena, "%0*d", (int)size, 0);
	struct message m = {
		.id = arena_printf(arena, "%u", ++messages),
		.name = "e",
		.skip_users = { &skip, skip ? 1 : 0 },
		.flags = which < OWN_KEYS ? MESSAGE_VOLATILE | MESSAGE_COALESCE : flags[which],
		.coalesce_key = which < OWN_KEYS ? arena_printf(arena, "key:%d", which) : NULL,
	};
	struct redis_command command;

	m.payload = str_from(arena_printf(arena,
		"[\"e\",{\"w\":%d,\"n\":%" PRId64 ",\"f\":\"%s\"}]", which, number, filling));
	assert_int_equal(
		publisher_message_command("cti1:", str_from(channel), &m, NULL, arena, &command),
		ERR_OK);
	redis_number(command);
}

static void publish_one(enum what which, size_t size)
{
	int64_t number = ++last[which].number;
	bool own = which >= OTHER_KEYS && which < OWN_KEYS;

	last[which].at_ms = redis_ms();
	if (own)
		put(USER_OF("alice"), which, number, size, NULL);
	put(which >= ROOM_KEYS && which < OTHER_KEYS ? ROOM_OF("ext.clear") : ROOM_OF("all"), which,
		number, size, own ? "alice" : NULL);
	owe_live(which, number);
}

static void publish_burst(void)
{
	size_t n = random_one_in(4) ? random_below(120) : random_below(8), size;

	size = random_one_in(3) ? 3000 : 10 + random_below(400);
	for (size_t i = 0; i < n && messages + 2 < PUBLISHED_MAX; i++)
		publish_one((enum what)random_below(WHATS), size);
	arena_reset(arena);
}

static void reader_forget(struct reader *r)
{
	frame_queue_free(&r->queue);
	*r = (struct reader){ 0 };
}

static void log_in_one(void)
{
	struct reader *r = &readers[random_below(READERS)];
	const char *jti = arena_printf(arena, "T%u", ++tokens);

	if (is_there(r))
		return;
	reader_forget(r);
	r->alice = random_one_in(3);
	r->in_other = random_one_in(2);
	r->polling = random_one_in(2);
	r->bytes = random_one_in(3) ? 500 : 100000;
	r->since_ms = stage_wall_s() * 1000 - BACK_MS;
	if (r->alice)
		snprintf(r->user, sizeof(r->user), "alice");
	else
		snprintf(r->user, sizeof(r->user), "user%u", tokens);
	session_copy(r->user, jti, r->in_other ? "all ext.clear" : "all", stage_wall_s() + 100000);
	r->client = client_open(aa);
	r->client->take = on_frame;
	owe_recent(r);
	client_log_in(r->client, r->user, jti, NULL);
	arena_reset(arena);
}

static void read_all(void)
{
	for (size_t i = 0; i < READERS; i++) {
		struct reader *r = &readers[i];

		if (!r->polling)
			read_some(r, r->bytes);
		else if (random_one_in(r->bytes > 500 ? 2 : 10))
			read_some(r, SIZE_MAX);
	}
}

static void let_go(void)
{
	relay_hold(aa, LINE_COMMANDS, false);
	relay_hold(aa, LINE_EVENTS, false);
}

/* A reader hears of more from now on. */
static void permit_one(void)
{
	struct reader *r = &readers[random_below(READERS)];

	if (!is_there(r) || !r->live || r->in_other)
		return;
	let_go();
	relay_mend(aa);
	if (!is_there(r))
		return;
	publish(ORDERS,
		arena_printf(arena,
			"{\"v\":1,\"k\":\"c\",\"o\":\"perm\",\"rooms\":[\"all\",\"ext.clear\"],"
			"\"pv\":%u,\"u\":\"%s\"}",
			++messages, r->user));
	r->in_other = true;
	owe_recent(r);
	arena_reset(arena);
}

static void drop_one(void)
{
	struct reader *r = &readers[random_below(READERS)];

	if (is_there(r))
		client_drop(r->client);
}

static void hold_one(void)
{
	relay_hold(aa, random_one_in(2) ? LINE_COMMANDS : LINE_EVENTS, true);
}

static void cut_one(void)
{
	let_go();
	relay_cut(aa, random_one_in(2) ? LINE_COMMANDS : LINE_EVENTS);
}

static void pass_some(void)
{
	stage_pass((int64_t)random_below(200));
}

static void run_step(void)
{
	static void (*const steps[])(void) = { publish_burst, publish_burst, publish_burst,
		publish_burst, log_in_one, log_in_one, log_in_one, hold_one, let_go, let_go,
		stage_turn, pass_some, pass_some, drop_one, permit_one };

	if (random_one_in(60))
		cut_one();
	else
		steps[random_below(sizeof(steps) / sizeof(steps[0]))]();
	read_all();
}

static void check_reader(struct reader *r)
{
	if (!is_there(r) || !r->live)
		return;
	for (int which = 0; which < OWN_KEYS; which++)
		if (r->heard[which] < r->owed[which])
			fail_history("never heard", r, which, r->owed[which]);
	for (int which = ONCE; which <= WITHOUT_KEY; which++)
		for (int64_t n = 0; n < PUBLISHED_MAX; n++)
			if (r->due[which][n] && !r->seen[which][n])
				fail_history("never heard", r, which, n);
}

/* All are read, and those that missed something have been sent to come back. */
static void finish_history(void)
{
	let_go();
	relay_mend(aa);
	for (int i = 0; i < 60; i++) {
		stage_pass(200);
		for (size_t n = 0; n < READERS; n++)
			read_some(&readers[n], SIZE_MAX);
	}
	for (size_t i = 0; i < READERS; i++)
		check_reader(&readers[i]);
}

static void run_history(void)
{
	memset(last, 0, sizeof(last));
	messages = tokens = 0;
	noise_begin(history);
	for (int i = 0; i < 10; i++)
		random_below(2);
	aa = relay_start("aa");
	for (int i = 0; i < STEPS; i++)
		run_step();
	finish_history();
	for (size_t i = 0; i < READERS; i++)
		reader_forget(&readers[i]);
}

static void every_history_keeps_the_promise(void **state)
{
	const struct histories h = histories_wanted(HISTORIES);

	arena = arena_new(65536);
	for (history = h.first; history < h.end; history++) {
		if (history > h.first)
			stage_setup(state);
		run_history();
		if (history + 1 < h.end)
			stage_teardown(state);
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_history_keeps_the_promise),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
