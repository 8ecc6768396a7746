/*
 * Random histories of a small telephone exchange: people register and call, are forwarded and transferred, while reports
 * are lost, repeated and come late, all there is is asked for now and then, the directory goes away, and the
 * program begins anew with what clients were told.
 *
 * DIALTONE_HISTORIES is how many are run; DIALTONE_SEED is the first one's number.  A failure prints the number of
 * its history.
 *
 * After each report: who is rung hears it once, and then hears once that it was answered or is over; who was never rung
 * hears of no end; an extension is told at most once in 100 ms, with a number that grows; names of calls stay; a call
 * that has ended stays so; no call has two records.  When all is over and a sync has shown it, every extension and user
 * is told as it is, each call of a history without mishaps has its record, and nothing is left in memory.
 */
#include "../noise.h"
#include "pbx_world.h"

#include "../../../src/pbx/core/core_priv.h"

#define HISTORIES   100
#define STEPS       160
#define CALLS_MAX   48
#define QUEUE_MAX   64
#define TALKS_MAX   128
#define EXTENS      5
#define NAMES       9
#define EVERY_US    100000
#define LATE_US     400000
#define TEN_SECONDS 10000000

/* Addresses, and the device that each of them is; users by their row in world_users. */
static const struct {
	const char *user;
	int owner; /* -1: a stranger */
	bool is_device;
} names[NAMES] = {
	{ "201", 0, true },
	{ "202", 1, true },
	{ "bob-web", 1, true },
	{ "carol", 2, true },
	{ "204", 3, true },
	{ "0721", -1, true },
	{ "alice", 0, false },
	{ "bob", 1, false },
	{ "203", 2, false },
};
static const char *const extens[EXTENS] = { "201", "202", "92202", "carol", "204" };
static const int owner_of_exten[EXTENS] = { 0, 1, 1, 2, 3 };

enum state { CALL_NONE, CALL_EARLY, CALL_UP, CALL_OVER };

/* What is true. */
struct model_call {
	enum state state;
	char id[16];
	int from, dialled, to, device; /* of names; to: after forwards; device: that answered */
	bool is_of_transfer;
	bool was_reported, end_was_reported;
	int64_t began_us;
	int records;
};

struct queued {
	struct pbx_event event;
	int64_t due_us;
};

struct shadow {
	char id[96], linked[32], exten[16];
	bool outgoing, connected, is_here;
};

static struct {
	bool has_mishaps, was_away;
	bool contacts[EXTENS][2];
	struct model_call calls[CALLS_MAX];
	size_t calls_n;
	struct queued queue[QUEUE_MAX];
	size_t queue_n;
	struct shadow talks[TALKS_MAX];
	size_t talks_n;
	const char *main_told[WORLD_USERS]; /* NULL: nothing yet */
	enum exten_status told[EXTENS];
	size_t told_talks[EXTENS];
	int64_t told_us[EXTENS], seq;
	char state_json[EXTENS][65536];
	/* Told in this step. */
	int rung[WORLD_USERS], connected[WORLD_USERS], over[EXTENS];
	int may_end_unseen; /* calls whose beginning was lost, ended by this report */
} m;

static uint64_t history;

static void say_which(void)
{
	print_error("history %" PRIu64 "\n", history);
}

#define MUST(what)                                               \
	do {                                                     \
		bool is_so_ = (what);                            \
		if (!is_so_)                                     \
			say_which();                             \
		_assert_true(is_so_, #what, __FILE__, __LINE__); \
	} while (0)

static size_t exten_index(const char *exten)
{
	for (size_t i = 0; i < EXTENS; i++)
		if (strcmp(extens[i], exten) == 0)
			return i;
	fail_msg("told of %s", exten);
	return 0;
}

static const char *status_word(enum exten_status s, const char *chosen)
{
	const char *word = main_presence(chosen, s);

	for (size_t i = 0; i < EXTEN_STATUSES; i++)
		if (strcmp(exten_status_names[i], word) == 0)
			return exten_status_names[i];
	return word;
}

static enum exten_status strongest_told(size_t user)
{
	enum exten_status s = EXTEN_OFFLINE;

	for (size_t i = 0; i < EXTENS; i++)
		if ((size_t)owner_of_exten[i] == user && m.told[i] < s)
			s = m.told[i];
	return s;
}

static const char *chosen_of(size_t user)
{
	return user == 0 ? world.alice_is : "online";
}

static void on_state(const struct exten_state *x)
{
	size_t i = exten_index(x->exten);
	struct json_writer w;
	struct buf text;

	MUST(x->seq > m.seq);
	MUST(m.told_us[i] == 0 || world.now_us - m.told_us[i] >= EVERY_US);
	m.seq = x->seq;
	m.told_us[i] = world.now_us;
	m.told[i] = x->status;
	m.told_talks[i] = x->conversations_n;
	for (size_t k = 1; k < x->conversations_n; k++)
		MUST(x->conversations[k - 1].connected || !x->conversations[k].connected);
	buf_init(&text, sizeof(m.state_json[i]));
	json_writer_init(&w, &text);
	exten_state_write(&w, x, VIEW_CLEAR, 0);
	MUST(!text.overflow);
	memcpy(m.state_json[i], text.p, text.n + 1);
	buf_finish(&text);
}

/* Only of a change, unless it could not be told whether there was one. */
static void on_main(size_t user, const struct main_presence_facts *facts)
{
	const char *before =
		m.main_told[user] ? m.main_told[user] : status_word(EXTEN_OFFLINE, chosen_of(user));
	const char *now = status_word(strongest_told(user), chosen_of(user));

	MUST(!world.is_directory_away);
	MUST(strcmp(now, facts->status) == 0);
	MUST(m.was_away || strcmp(before, now) != 0);
	m.main_told[user] = now;
}

static void on_tell(void *ctx, enum event_id kind, const struct event *about, const void *facts)
{
	size_t user = (size_t)about->account_id - 1;

	(void)ctx;
	if (kind == EVENT_EXTEN_CHANGED) {
		on_state(facts);
	} else if (kind == EVENT_EXTEN_RINGING) {
		m.rung[user]++;
	} else if (kind == EVENT_EXTEN_CONNECTED) {
		m.connected[user]++;
	} else if (kind == EVENT_EXTEN_HUNG_UP) {
		m.over[exten_index(((const struct exten_hung_up_facts *)facts)->exten)]++;
	} else if (kind == EVENT_MAIN_PRESENCE_CHANGED) {
		on_main(user, facts);
	}
}

static void on_keep(
	void *ctx, const char *domain, const char *linked_id, const struct pbx_event *call)
{
	(void)ctx;
	(void)domain;
	(void)linked_id;
	(void)call;
}

static struct model_call *call_named(const char *id)
{
	for (size_t i = 0; i < m.calls_n; i++)
		if (strcmp(m.calls[i].id, id) == 0)
			return &m.calls[i];
	return NULL;
}

static void on_record(void *ctx, const struct call_record *r)
{
	struct model_call *c = call_named(r->call_id);

	(void)ctx;
	MUST(c);
	c->records++;
	MUST(c->records == 1);
	MUST(r->started_us <= r->ended_us);
}

static void forget_step(void)
{
	memset(m.rung, 0, sizeof(m.rung));
	memset(m.connected, 0, sizeof(m.connected));
	memset(m.over, 0, sizeof(m.over));
	m.may_end_unseen = 0;
}

static struct shadow *shadow_of(const struct talk *t)
{
	for (size_t i = 0; i < m.talks_n; i++)
		if (strcmp(m.talks[i].id, t->id) == 0 &&
			strcmp(m.talks[i].exten, t->device->exten) == 0 &&
			m.talks[i].outgoing == t->outgoing)
			return &m.talks[i];
	return NULL;
}

/* Told as it should be: new ones ring, or are connected at once. */
struct due {
	int rung[WORLD_USERS], connected[WORLD_USERS], over[EXTENS];
};

static void see_talk(const struct talk *t, struct due *due)
{
	size_t user = (size_t)t->device->user->account_id - 1;
	struct shadow *s = shadow_of(t);

	if (!s) {
		MUST(m.talks_n < TALKS_MAX);
		s = &m.talks[m.talks_n++];
		*s = (struct shadow){ .outgoing = t->outgoing };
		snprintf(s->id, sizeof(s->id), "%s", t->id);
		snprintf(s->linked, sizeof(s->linked), "%s", t->linked_id);
		snprintf(s->exten, sizeof(s->exten), "%s", t->device->exten);
		due->rung[user] += !t->outgoing && !t->connected;
	}
	MUST(strcmp(s->linked, t->linked_id) == 0);
	MUST(t->connected || !s->connected);
	due->connected[user] += t->connected && !s->connected;
	s->connected = t->connected;
	s->is_here = true;
}

static void see_all(struct due *due)
{
	struct str key;
	size_t at = 0;
	void *d;

	while (map_next(world.pbx->devices, &at, &key, &d))
		LIST_FOR_EACH(t, &((struct device *)d)->talks, struct talk, of_device)
			see_talk(t, due);
}

static void see_gone(struct due *due)
{
	size_t n = 0;

	for (size_t i = 0; i < m.talks_n; i++) {
		if (m.talks[i].is_here)
			m.talks[n++] = m.talks[i];
		else
			due->over[exten_index(m.talks[i].exten)]++;
	}
	m.talks_n = n;
}

/* Each talk that is new, connected or gone was told once, and nothing else was. */
static void check_step(void)
{
	struct due due = { 0 };
	int unseen = 0;

	for (size_t i = 0; i < m.talks_n; i++)
		m.talks[i].is_here = false;
	see_all(&due);
	see_gone(&due);
	for (size_t i = 0; i < WORLD_USERS; i++) {
		MUST(m.rung[i] == due.rung[i]);
		MUST(m.connected[i] == due.connected[i]);
	}
	for (size_t i = 0; i < EXTENS; i++) {
		MUST(m.over[i] >= due.over[i]);
		unseen += m.over[i] - due.over[i];
	}
	MUST(unseen <= m.may_end_unseen);
	for (size_t i = 0; i < m.calls_n; i++)
		MUST(!m.calls[i].end_was_reported || !leg_find(world.pbx, m.calls[i].id));
	forget_step();
	arena_reset(arena);
}

static struct pbx_address at(int name)
{
	return (struct pbx_address){ name < 0 ? NULL : names[name].user, name < 0 ? NULL : "d" };
}

/* To the core, at last. */
static void deliver(const struct pbx_event *e)
{
	struct model_call *c = e->call_id ? call_named(e->call_id) : NULL;
	struct leg *before = c ? leg_find(world.pbx, c->id) : NULL;

	m.may_end_unseen = e->kind == PBX_CALL_ENDED && !before;
	pbx_take(world.pbx, e, world.now_us);
	if (c && e->kind == PBX_CALL_ENDED)
		c->end_was_reported = true;
	if (c)
		c->was_reported = true;
	check_step();
}

static void enqueue(const struct pbx_event *e, int64_t late_us)
{
	if (m.queue_n < QUEUE_MAX)
		m.queue[m.queue_n++] = (struct queued){ *e, world.now_us + late_us };
	else
		deliver(e);
}

/* One in so many is lost, is told twice, or comes late. */
static void report(const struct pbx_event *e)
{
	if (!m.has_mishaps) {
		deliver(e);
		return;
	}
	if (random_one_in(10))
		return;
	if (random_one_in(8))
		enqueue(e, (int64_t)random_below(LATE_US));
	else
		deliver(e);
	if (random_one_in(8))
		enqueue(e, (int64_t)random_below(LATE_US));
}

static void tick(int64_t us)
{
	int64_t until = world.now_us + us;

	while (world.now_us < until) {
		world.now_us += 10000 < until - world.now_us ? 10000 : until - world.now_us;
		pbx_tick(world.pbx, world.now_us);
		check_step();
		for (size_t i = 0; i < m.queue_n; i++)
			if (m.queue[i].due_us <= world.now_us) {
				struct pbx_event e = m.queue[i].event;

				m.queue[i--] = m.queue[--m.queue_n];
				deliver(&e);
			}
	}
}

static struct pbx_event event_of(enum pbx_event_kind kind, const struct model_call *c)
{
	struct pbx_event e = { .kind = kind, .at_us = world.now_us };

	if (c) {
		e.call_id = e.linked_id = c->id;
		e.from = at(c->from);
		e.to = at(c->dialled);
	}
	return e;
}

static struct pbx_event registration(enum pbx_event_kind kind, size_t exten, int contact)
{
	struct pbx_event e = event_of(kind, NULL);

	e.of = at((int)exten);
	e.contact = contact ? "sip:b" : "sip:a";
	e.ip = contact ? "192.0.2.2" : "192.0.2.1";
	return e;
}

static void change_registration(void)
{
	size_t i = random_below(EXTENS);
	int contact = (int)random_below(2);
	struct pbx_event e;

	m.contacts[i][contact] = !m.contacts[i][contact] || random_one_in(3);
	e = registration(m.contacts[i][contact] ? PBX_REGISTERED : PBX_UNREGISTERED, i, contact);
	report(&e);
}

static struct model_call *begin_call(int from, int to)
{
	struct model_call *c;
	struct pbx_event e;

	if (m.calls_n == CALLS_MAX)
		return NULL;
	c = &m.calls[m.calls_n];
	*c = (struct model_call){ CALL_EARLY, .from = from, .dialled = to, .to = to, .device = -1 };
	snprintf(c->id, sizeof(c->id), "%zu.1", m.calls_n++);
	c->began_us = world.now_us;
	e = event_of(PBX_CALL_NEW, c);
	report(&e);
	return c;
}

static void begin_any(void)
{
	int from = (int)random_below(NAMES), to = (int)random_below(NAMES);

	if (from != to)
		begin_call(from, to);
}

static struct model_call *any_call(enum state state)
{
	size_t from = m.calls_n ? random_below(m.calls_n) : 0;

	for (size_t i = 0; i < m.calls_n; i++) {
		struct model_call *c = &m.calls[(from + i) % m.calls_n];

		if (c->state == state)
			return c;
	}
	return NULL;
}

/* A device of those who are called. */
static int device_of_callee(const struct model_call *c)
{
	int n = (int)random_below(6);

	for (int i = 0; i < 6; i++) {
		int d = (n + i) % 6;

		if (names[d].owner == names[c->to].owner && (names[d].owner >= 0 || d == c->to))
			return d;
	}
	return c->to;
}

static void ring_any(void)
{
	struct model_call *c = any_call(CALL_EARLY);
	struct pbx_event e;

	if (!c)
		return;
	e = event_of(PBX_CALL_RINGING, c);
	e.device = at(device_of_callee(c));
	report(&e);
}

static void answer_any(void)
{
	struct model_call *c = any_call(CALL_EARLY);
	struct pbx_event e;

	if (!c)
		return;
	c->state = CALL_UP;
	c->device = device_of_callee(c);
	e = event_of(PBX_CALL_UP, c);
	e.device = at(c->device);
	report(&e);
}

static void forward_any(void)
{
	struct model_call *c = any_call(CALL_EARLY);
	struct pbx_event e;

	if (!c)
		return;
	e = event_of(PBX_CALL_FORWARDED, c);
	e.by = at(c->to);
	c->to = (int)random_below(NAMES);
	e.target = at(c->to);
	e.code = random_one_in(2) ? 486 : 0;
	report(&e);
}

static void hold_any(void)
{
	struct model_call *c = any_call(CALL_UP);
	struct pbx_event e;

	if (!c)
		return;
	e = event_of(PBX_CALL_MEDIA, c);
	e.by = at(random_one_in(2) ? c->from : c->device);
	e.hold = random_one_in(2);
	report(&e);
}

static void end_call(struct model_call *c)
{
	static const int codes[] = { 486, 487, 603, 480, 404, 500 };
	struct pbx_event e = event_of(PBX_CALL_ENDED, c);

	if (c->state == CALL_EARLY)
		e.code = codes[random_below(6)];
	else if (random_one_in(2))
		e.by = at(random_one_in(2) ? c->from : c->device);
	c->state = CALL_OVER;
	report(&e);
}

static void end_any(void)
{
	struct model_call *c = any_call(random_one_in(2) ? CALL_EARLY : CALL_UP);

	if (c)
		end_call(c);
}

/* One of those who talk is sent to another one: calls them, unless something comes in between. */
static void transfer_any(void)
{
	struct model_call *c = any_call(CALL_UP), *other = any_call(CALL_UP);
	bool by_caller = random_one_in(2);
	struct pbx_event e;
	int moved, target;

	if (!c)
		return;
	moved = by_caller ? c->device : c->from;
	e = event_of(PBX_CALL_REFERRED, c);
	e.by = at(by_caller ? c->from : c->device);
	target = other != c && random_one_in(2) ? other->to : (int)random_below(NAMES);
	if (other != c && random_one_in(2))
		e.replaces = other->id;
	e.target = at(target);
	if (target == moved)
		return;
	report(&e);
	if (random_one_in(3))
		end_call(c);
	if (random_one_in(4))
		tick((int64_t)random_below(TEN_SECONDS + TEN_SECONDS / 2));
	c = begin_call(moved, target);
	if (c)
		c->is_of_transfer = true;
}

static void count_voicemail(void)
{
	struct pbx_event e = event_of(PBX_VOICEMAIL, NULL);

	e.of = at((int)random_below(NAMES));
	e.voicemail_new = (int64_t)random_below(3);
	report(&e);
}

/* As dialtone-jobs does: it tells a change of what was chosen, by what the extensions were told to be. */
static void choose_presence(void)
{
	static const char *const choices[] = { "online", "dnd", "callforward", "online" };

	world.alice_is = choices[random_below(4)];
	m.main_told[0] = status_word(strongest_told(0), world.alice_is);
}

/* All there is, as it was when it was asked for. */
struct snapshot {
	struct pbx_event events[EXTENS * 2 + CALLS_MAX];
	size_t n;
	int64_t as_of_us;
};

static void put_snapshot_call(struct snapshot *s, const struct model_call *c)
{
	struct pbx_event e = event_of(c->state == CALL_UP ? PBX_CALL_UP : PBX_CALL_NEW, c);

	if (c->state != CALL_EARLY && c->state != CALL_UP)
		return;
	e.device = at(c->device);
	e.at_us = c->began_us;
	s->events[s->n++] = e;
}

static void ask(struct snapshot *s)
{
	*s = (struct snapshot){ .as_of_us = world.now_us };
	for (size_t i = 0; i < EXTENS; i++)
		for (int contact = 0; contact < 2; contact++)
			if (m.contacts[i][contact])
				s->events[s->n++] = registration(PBX_REGISTERED, i, contact);
	for (size_t i = 0; i < m.calls_n; i++)
		put_snapshot_call(s, &m.calls[i]);
}

static void take_answer(const struct snapshot *s)
{
	pbx_sync_begin(world.pbx, s->as_of_us);
	for (size_t i = 0; i < s->n; i++) {
		if (s->events[i].kind == PBX_REGISTERED)
			pbx_sync_registration(world.pbx, &s->events[i]);
		else
			pbx_sync_call(world.pbx, &s->events[i]);
	}
	pbx_sync_end(world.pbx, world.now_us);
	check_step();
}

static void any_step(void);

/* What happens before the answer comes is not undone by it. */
static void sync_all(void)
{
	struct snapshot s;

	tick(10000);
	ask(&s);
	tick(10000);
	for (size_t n = random_below(4); n; n--) {
		any_step();
		tick((int64_t)random_below(50000));
	}
	take_answer(&s);
}

static void renew(void)
{
	const struct pbx_owner owner = { { world_find, world_presence, NULL }, on_tell, on_keep,
		on_record, NULL };
	const struct pbx_limits limits = { 1000, 1000 };

	pbx_free(&world.pbx);
	world.pbx = pbx_new(&owner, &limits);
	world.pbx->now_us = world.now_us;
}

/* Clients still show what they were told. */
static void remember(size_t i)
{
	size_t user = (size_t)owner_of_exten[i];
	struct exten_state x;

	if (!m.state_json[i][0])
		return;
	assert_int_equal(exten_state_read(str_from(m.state_json[i]), arena, &x), ERR_OK);
	pbx_remember(world.pbx, "d", &x, m.main_told[user]);
}

static void begin_anew(void)
{
	struct snapshot s;

	m.queue_n = 0;
	tick(2 * EVERY_US);
	world.is_directory_away = false;
	renew();
	memset(m.told_us, 0, sizeof(m.told_us));
	for (size_t i = 0; i < m.calls_n; i++) {
		m.calls[i].end_was_reported = false;
		/* What has ended may be recorded again: the record that is there stays. */
		m.calls[i].records = 0;
		if (m.calls[i].state == CALL_EARLY || m.calls[i].state == CALL_UP)
			m.calls[i].was_reported = false;
	}
	for (size_t i = 0; i < EXTENS; i++)
		remember(i);
	m.talks_n = 0;
	see_all(&(struct due){ 0 });
	forget_step();
	ask(&s);
	take_answer(&s);
}

static const struct {
	unsigned weight;
	void (*fn)(void);
} actions[] = {
	{ 8, change_registration },
	{ 14, begin_any },
	{ 16, ring_any },
	{ 10, answer_any },
	{ 5, forward_any },
	{ 6, hold_any },
	{ 9, end_any },
	{ 6, transfer_any },
	{ 2, count_voicemail },
	{ 3, choose_presence },
};

static void any_step(void)
{
	unsigned at_weight = (unsigned)random_below(79);

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (at_weight < actions[i].weight) {
			actions[i].fn();
			return;
		}
		at_weight -= actions[i].weight;
	}
}

static void run_step(void)
{
	if (random_one_in(16))
		sync_all();
	else if (m.has_mishaps && random_one_in(60))
		begin_anew();
	else if (m.has_mishaps && random_one_in(40))
		world.is_directory_away = (m.was_away = true) && !world.is_directory_away;
	else
		any_step();
	tick((int64_t)random_below(random_one_in(3) ? 300000 : 40000));
}

/* All calls end, and what is under way comes to its end. */
static void end_all(void)
{
	world.is_directory_away = false;
	for (size_t i = 0; i < m.calls_n; i++)
		if (m.calls[i].state == CALL_EARLY || m.calls[i].state == CALL_UP)
			end_call(&m.calls[i]);
	tick(LATE_US + EVERY_US);
	tick(TEN_SECONDS + EVERY_US);
	for (int i = 0; i < 3; i++) {
		struct snapshot s;

		ask(&s);
		take_answer(&s);
		tick(2 * EVERY_US);
	}
}

static void all_is_told_as_it_is(void)
{
	enum exten_status strongest[WORLD_USERS];

	for (size_t i = 0; i < WORLD_USERS; i++)
		strongest[i] = EXTEN_OFFLINE;
	for (size_t i = 0; i < EXTENS; i++) {
		bool is_there = m.contacts[i][0] || m.contacts[i][1];

		MUST(m.told[i] == (is_there ? EXTEN_ONLINE : EXTEN_OFFLINE));
		MUST(m.told_talks[i] == 0);
		if (is_there)
			strongest[owner_of_exten[i]] = EXTEN_ONLINE;
	}
	for (size_t i = 0; i < WORLD_USERS; i++) {
		const char *told = m.main_told[i] ? m.main_told[i]
						  : main_presence(chosen_of(i), EXTEN_OFFLINE);

		MUST(strcmp(told, main_presence(chosen_of(i), strongest[i])) == 0);
	}
}

static void nothing_is_left(void)
{
	size_t users = 0;

	for (size_t u = 0; u < WORLD_USERS; u++) {
		bool is_there = false;

		for (size_t i = 0; i < EXTENS; i++)
			is_there |= (size_t)owner_of_exten[i] == u &&
				    (m.contacts[i][0] || m.contacts[i][1]);
		users += is_there;
	}
	MUST(map_count(world.pbx->users) == users);
	MUST(map_count(world.pbx->legs) == 0);
	MUST(map_count(world.pbx->kept) == 0);
	MUST(list_is_empty(&world.pbx->transfers));
	MUST(list_is_empty(&world.pbx->waiting));
	MUST(m.talks_n == 0);
}

static void each_call_is_recorded(void)
{
	for (size_t i = 0; i < m.calls_n && !m.has_mishaps; i++)
		MUST(m.calls[i].records == 1 || m.calls[i].is_of_transfer);
}

static void run_history(void)
{
	memset(&m, 0, sizeof(m));
	noise_begin(history);
	for (int i = 0; i < 8; i++)
		random_below(2);
	m.has_mishaps = history % 3 != 0;
	for (size_t i = 0; i < EXTENS; i++)
		m.told[i] = EXTEN_OFFLINE;
	world = (struct world){ .now_us = WORLD_START_US, .alice_is = "online" };
	renew();
	for (int i = 0; i < STEPS; i++)
		run_step();
	end_all();
	all_is_told_as_it_is();
	nothing_is_left();
	each_call_is_recorded();
	pbx_free(&world.pbx);
}

static void every_history_keeps_the_promise(void **state)
{
	const struct histories h = histories_wanted(HISTORIES);

	(void)state;
	for (history = h.first; history < h.end; history++)
		run_history();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_history_keeps_the_promise),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
