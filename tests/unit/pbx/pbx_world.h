/*
 * A core of dialtone-pbx with its surroundings: users, a clock, and a protocol of all that it says, a line each.
 *
 * Users of domain "d": alice (201, one device), bob (202; devices 202 and 92202), carol (203; her only device is her
 * account), dave (204).  All others are strangers.
 *
 * What the PBX reports is written as words, with spaces between them; 200 ms pass after each report.
 *   reg DEVICE | unreg DEVICE | new ID FROM TO | ring ID DEVICE | up ID DEVICE | hold ID BY 0|1
 *   fwd ID BY TARGET CODE | refer ID BY TARGET REPLACES | end ID CODE BY | mwi USER NEW OLD | wait MS
 * "-" is nothing.
 */
#ifndef DIALTONE_TESTS_UNIT_PBX_WORLD_H
#define DIALTONE_TESTS_UNIT_PBX_WORLD_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../arena.h"
#include "base/buf.h"
#include "pbx/core/pbx.h"

#define WORLD_START_US   ((int64_t)1760000000000000)
#define WORLD_CALLS      64
#define WORLD_WORDS      6
#define STEP_US          200000
#define MICROS_PER_MILLI 1000

struct told_call {
	char id[32], from[32], to[32];
};

static struct world {
	struct pbx *pbx;
	int64_t now_us;
	struct buf log;
	const char *alice_is; /* presence */
	bool is_directory_away;
	bool bob_has_one; /* device left: 202 */
	int64_t seq;      /* told last */
	struct told_call calls[WORLD_CALLS];
	size_t calls_n;
} world;

static const struct pbx_device alices[] = { { "201", "201", "physical" } };
static const struct pbx_device bobs[] = { { "202", "202", "physical" },
	{ "92202", "bob-web", "webrtc" } };
static const struct pbx_device carols[] = { { "carol", "carol", "physical" } };
static const struct pbx_device daves[] = { { "204", "204", "physical" } };
static const struct pbx_user world_users[] = {
	{ 1, "alice", "d", "Alice", "201", NULL, alices, 1 },
	{ 2, "bob", "d", "Bob", "202", "box", bobs, 2 },
	{ 3, "carol", "d", "Carol", "203", NULL, carols, 1 },
	{ 4, "dave", "d", "Dave", "204", NULL, daves, 1 },
};
#define WORLD_USERS (sizeof(world_users) / sizeof(world_users[0]))

static inline bool is_of(const struct pbx_user *u, const char *name)
{
	for (size_t i = 0; i < u->devices_n; i++)
		if (strcmp(u->devices[i].user, name) == 0)
			return true;
	return strcmp(u->username, name) == 0 || strcmp(u->main_extension, name) == 0;
}

static inline enum err world_find(
	void *ctx, const struct pbx_address *a, struct arena *in, struct pbx_user *ret)
{
	(void)ctx;
	(void)in;
	if (world.is_directory_away)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < WORLD_USERS; i++)
		if (a->user && a->domain && strcmp(a->domain, "d") == 0 &&
			is_of(&world_users[i], a->user)) {
			*ret = world_users[i];
			if (world.bob_has_one && ret->account_id == 2)
				ret->devices_n = 1;
			return ERR_OK;
		}
	return ERR_NOT_FOUND;
}

static inline enum err world_presence(
	void *ctx, int64_t account_id, struct arena *in, struct pbx_presence *ret)
{
	(void)ctx;
	(void)in;
	if (world.is_directory_away)
		return ERR_UNAVAILABLE;
	*ret = (struct pbx_presence){ account_id == 1 ? world.alice_is : "online", NULL };
	if (strcmp(ret->status, "callforward") == 0)
		ret->to = "0721";
	return ERR_OK;
}

static inline void log_state(const struct exten_state *x)
{
	world.seq = x->seq;
	buf_printf(&world.log, "%s %s", x->exten, exten_status_names[x->status]);
	for (size_t i = 0; i < x->conversations_n; i++) {
		const struct conversation *c = &x->conversations[i];

		buf_printf(&world.log, " %s %s %s%s%s", c->outgoing ? "to" : "from",
			c->counterpart_num, c->linked_id, c->connected ? " up" : "",
			c->on_hold ? " held" : "");
	}
	buf_add_char(&world.log, '\n');
}

static inline void log_notice(const char *user, enum event_id kind, const void *facts)
{
	const struct exten_ringing_facts *ringing = facts;
	const struct exten_connected_facts *up = facts;
	const struct exten_hung_up_facts *down = facts;
	const struct main_presence_facts *main = facts;
	const struct voicemail_facts *box = facts;

	buf_printf(&world.log, "%s: ", user);
	if (kind == EVENT_EXTEN_RINGING)
		buf_printf(&world.log, "ringing %s by %s %s\n", ringing->dialled, ringing->caller,
			ringing->caller_name ? ringing->caller_name : "-");
	else if (kind == EVENT_EXTEN_CONNECTED)
		buf_printf(&world.log, "connected %s %s %s\n", up->exten,
			up->outgoing ? "to" : "from", up->counterpart);
	else if (kind == EVENT_EXTEN_HUNG_UP)
		buf_printf(&world.log, "hangup %s %s %s\n", down->exten, down->counterpart,
			down->cause);
	else if (kind == EVENT_MAIN_PRESENCE_CHANGED)
		buf_printf(&world.log, "is %s%s%s\n", main->status, main->to ? " to " : "",
			main->to ? main->to : "");
	else
		buf_printf(&world.log, "voicemail %s %" PRId64 "/%" PRId64 "\n", box->mailbox,
			box->inbox, box->old);
}

static inline void world_tell(
	void *ctx, enum event_id kind, const struct event *about, const void *facts)
{
	(void)ctx;
	assert_string_equal(about->domain, "d");
	assert_true(about->created_at == world.now_us || about->created_at > WORLD_START_US);
	if (kind == EVENT_EXTEN_CHANGED)
		log_state(facts);
	else
		log_notice(about->username, kind, facts);
}

static inline void world_keep_call(
	void *ctx, const char *domain, const char *linked_id, const struct pbx_event *call)
{
	(void)ctx;
	(void)domain;
	if (!call)
		buf_printf(&world.log, "forget %s\n", linked_id);
	else
		buf_printf(&world.log, "keep %s as %s %s>%s%s%s\n", linked_id, call->call_id,
			call->from.user, call->to.user, call->device.user ? " at " : "",
			call->device.user ? call->device.user : "");
}

static inline void world_record(void *ctx, const struct call_record *r)
{
	(void)ctx;
	buf_printf(&world.log, "record %s %s/%s>%s/%s %s %" PRId64 "%s%s\n", r->linked_id,
		r->from.number, r->from.exten ? r->from.exten : "-", r->to.number,
		r->to.exten ? r->to.exten : "-", r->cause, r->code, r->rang_us ? " rang" : "",
		r->answered_us ? " answered" : "");
	assert_true(r->started_us <= r->ended_us);
}

static inline void world_begin(const struct pbx_limits *limits)
{
	const struct pbx_owner owner = { { world_find, world_presence, NULL }, world_tell,
		world_keep_call, world_record, NULL };

	world = (struct world){ .now_us = WORLD_START_US, .alice_is = "online" };
	buf_init(&world.log, 1 << 20);
	world.pbx = pbx_new(&owner, limits);
}

static inline void world_end(void)
{
	pbx_free(&world.pbx);
	buf_finish(&world.log);
}

/* What was said since the last time. */
static inline const char *world_said(void)
{
	const char *text = world.log.n ? arena_strndup(arena, world.log.p, world.log.n) : "";

	buf_clear(&world.log);
	return text;
}

static inline void world_pass(int64_t us)
{
	world.now_us += us;
	pbx_tick(world.pbx, world.now_us);
}

static inline const char *word_or_none(const char *word)
{
	return *word && strcmp(word, "-") != 0 ? word : NULL;
}

static inline struct pbx_address address_of(const char *word)
{
	const char *user = word_or_none(word);

	return (struct pbx_address){ user, user ? "d" : NULL };
}

static inline struct told_call *call_of(const char *id)
{
	for (size_t i = 0; i < world.calls_n; i++)
		if (strcmp(world.calls[i].id, id) == 0)
			return &world.calls[i];
	assert_true(world.calls_n < WORLD_CALLS);
	snprintf(world.calls[world.calls_n].id, sizeof(world.calls[0].id), "%s", id);
	return &world.calls[world.calls_n++];
}

static const struct {
	const char *word;
	enum pbx_event_kind kind;
} world_verbs[] = {
	{ "reg", PBX_REGISTERED },
	{ "unreg", PBX_UNREGISTERED },
	{ "new", PBX_CALL_NEW },
	{ "ring", PBX_CALL_RINGING },
	{ "up", PBX_CALL_UP },
	{ "hold", PBX_CALL_MEDIA },
	{ "fwd", PBX_CALL_FORWARDED },
	{ "refer", PBX_CALL_REFERRED },
	{ "end", PBX_CALL_ENDED },
	{ "mwi", PBX_VOICEMAIL },
};

static inline enum pbx_event_kind kind_of(const char *word)
{
	for (size_t i = 0; i < sizeof(world_verbs) / sizeof(world_verbs[0]); i++)
		if (strcmp(world_verbs[i].word, word) == 0)
			return world_verbs[i].kind;
	fail_msg("no such report: %s", word);
	return PBX_VOICEMAIL;
}

static inline void put_call(struct pbx_event *e, char words[WORLD_WORDS][32])
{
	struct told_call *call = call_of(words[1]);

	if (e->kind == PBX_CALL_NEW) {
		memcpy(call->from, words[2], sizeof(call->from));
		memcpy(call->to, words[3], sizeof(call->to));
	}
	e->call_id = call->id;
	e->linked_id = call->id;
	e->dialog = "1:2";
	e->from = address_of(call->from);
	e->to = address_of(call->to);
	e->from_name = "Caller";
}

/* The words of one report as an event, at this time. */
static inline struct pbx_event world_event(char words[WORLD_WORDS][32])
{
	struct pbx_event e = { .kind = kind_of(words[0]), .at_us = world.now_us };

	e.of = address_of(words[1]);
	e.contact = e.of.user;
	if (e.kind >= PBX_CALL_NEW && e.kind <= PBX_CALL_ENDED)
		put_call(&e, words);
	if (e.kind == PBX_CALL_RINGING || e.kind == PBX_CALL_UP)
		e.device = address_of(words[2]);
	if (e.kind == PBX_CALL_MEDIA || e.kind == PBX_CALL_FORWARDED || e.kind == PBX_CALL_REFERRED)
		e.by = address_of(words[2]);
	e.target = address_of(words[3]);
	e.hold = words[3][0] == '1';
	if (e.kind == PBX_CALL_REFERRED)
		e.replaces = word_or_none(words[4]);
	if (e.kind == PBX_CALL_FORWARDED)
		e.code = atoi(words[4]);
	if (e.kind == PBX_CALL_ENDED) {
		e.code = atoi(words[2]);
		e.by = address_of(words[3]);
	}
	e.voicemail_new = atoi(words[2]);
	e.voicemail_old = atoi(words[3]);
	return e;
}

static inline void world_split(const char *report, char words[WORLD_WORDS][32])
{
	memset(words, 0, WORLD_WORDS * sizeof(words[0]));
	sscanf(report, "%31s %31s %31s %31s %31s %31s", words[0], words[1], words[2], words[3],
		words[4], words[5]);
}

static inline void world_report(const char *report)
{
	char words[WORLD_WORDS][32];
	struct pbx_event e;

	world_split(report, words);
	if (strcmp(words[0], "wait") == 0) {
		world_pass((int64_t)atoi(words[1]) * MICROS_PER_MILLI);
		return;
	}
	e = world_event(words);
	pbx_take(world.pbx, &e, world.now_us);
	world_pass(STEP_US);
}

/* Reports with ", " between them. */
static inline void world_reports(const char *reports)
{
	char *rest = arena_strdup(arena, reports), *report;

	while ((report = strsep(&rest, ",")) != NULL)
		world_report(report + strspn(report, " "));
}

/* Registrations and calls as reports of "reg", "new", "ring" and "up"; what is not among them is gone. */
static inline void world_sync(const char *all, int64_t as_of_us)
{
	char *rest = arena_strdup(arena, all), *report, words[WORLD_WORDS][32];

	pbx_sync_begin(world.pbx, as_of_us);
	while ((report = strsep(&rest, ",")) != NULL && *report) {
		world_split(report + strspn(report, " "), words);
		struct pbx_event e = world_event(words);

		if (e.kind == PBX_REGISTERED)
			pbx_sync_registration(world.pbx, &e);
		else
			pbx_sync_call(world.pbx, &e);
	}
	pbx_sync_end(world.pbx, world.now_us);
	world_pass(STEP_US);
}

#endif
