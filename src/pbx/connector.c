#define _GNU_SOURCE
#include "pbx/connector.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/settings.h"
#include "connector_priv.h"
#include "pg/pg.h"
#include "store_priv.h"

#define ARENA_BYTES 65536
#define RETRY_MS    1000
#define CONNECT_MS  500  /* events wait meanwhile */
#define QUERY_MS    1500 /* likewise */
#define IDLE_MS     1000
#define LATE_US     (5 * CLOCK_SECOND_US) /* an event is not older when it comes */

enum { POLL_REDIS, POLL_TRANSFERS, POLL_LISTENER, POLL_BACK_END };

static void tell(void *ctx, enum event_id kind, const struct event *about, const void *facts)
{
	struct connector *c = ctx;

	teller_tell(c->teller, kind, about, facts);
}

static void keep_call(
	void *ctx, const char *domain, const char *linked_id, const struct pbx_event *call)
{
	struct connector *c = ctx;

	teller_keep_call(c->teller, domain, linked_id, call);
}

static void record(void *ctx, const struct call_record *r)
{
	struct connector *c = ctx;

	records_add(c->records, r);
}

/* The proxy's clock may be another one: what it says is taken as far as it can be true. */
static void on_event(void *arg, const struct pbx_event *event)
{
	struct connector *c = arg;
	struct pbx_event e = *event;
	int64_t now = clock_wall_us();

	if (e.at_us > now || e.at_us < now - LATE_US)
		e.at_us = now;
	pbx_take(c->core, &e, now);
}

/* The core is made first, and takes events once it knows what clients were told. */
static void on_read(void *arg, enum err e)
{
	struct connector *c = arg;

	c->is_reading = false;
	teller_may_wait(c->teller, true);
	if (e != ERR_OK) {
		c->read_ms = clock_ms() + RETRY_MS;
		return;
	}
	connector_sync_by(c, clock_ms());
	if (!c->back_end)
		c->back_end = c->settings->back_end->open(&c->back_end_owner);
}

static void read_told(struct connector *c)
{
	int64_t now = clock_ms();

	if (!c->core || c->is_reading || now < c->read_ms || !pipeline_is_up(c->pipeline))
		return;
	c->read_ms = DEADLINE_NEVER;
	c->is_reading = true;
	teller_may_wait(c->teller, false); /* the core hears of what is read */
	if (told_read(c->told, c->core, !c->back_end) != ERR_OK)
		on_read(c, ERR_UNAVAILABLE);
}

static void watch(void *arg, int fd, bool output)
{
	struct connector *c = arg;

	c->watch = (struct redis_watch){ fd, output };
}

/* It may be another Redis, or one that has forgotten. */
static void on_up(void *arg)
{
	struct connector *c = arg;

	c->read_ms = clock_ms();
	teller_note_loss(c->teller);
}

static void on_down(void *arg)
{
	struct connector *c = arg;

	c->read_ms = DEADLINE_NEVER;
	teller_on_down(c->teller);
}

static void begin(struct connector *c)
{
	const struct pbx_settings *own = c->settings->own;
	const struct pbx_owner owner = { user_book_directory(c->users), tell, keep_call, record,
		c };
	const struct pbx_limits limits = { (size_t)own->calls_max, (size_t)own->devices_max };

	c->core = pbx_new(&owner, &limits);
	c->read_ms = c->sync_ms = c->calls_known_ms = clock_ms();
	c->refused = 0;
	c->synced_ms = 0;
	c->is_reading = false;
}

static void end(struct connector *c)
{
	told_stop(c->told);
	teller_may_wait(c->teller, true);
	transfers_free(&c->transfers);
	if (c->back_end)
		c->settings->back_end->close(c->back_end);
	c->back_end = NULL;
	c->transfers = transfers_new();
	c->back_end_owner.transfers = c->transfers;
	pbx_free(&c->core);
}

static void redis_init(struct connector *c)
{
	const char *prefix = c->settings->common->redis_prefix;

	c->watch.fd = -1;
	c->pipeline_owner = (struct pipeline_owner){
		.watch = watch, .on_up = on_up, .on_down = on_down, .arg = c
	};
	c->pipeline = pipeline_new(c->settings->redis, &c->pipeline_owner);
	c->teller = teller_new(c->pipeline, &c->watch, prefix);
	c->told = told_new(&(struct told_owner){ c->pipeline, c->pg, prefix, on_read, c });
	pipeline_start(c->pipeline);
}

struct connector *connector_new(const struct connector_settings *settings)
{
	const struct pg_settings pg = { .conninfo = settings->common->postgres,
		.app_name = "dialtone-pbx",
		.connect_timeout_ms = CONNECT_MS,
		.query_timeout_ms = QUERY_MS };
	struct connector *c = mem_alloc(sizeof(*c));

	c->settings = settings;
	c->pg = pg_new(&pg);
	pbx_store_register(c->pg);
	c->service = (struct service){ .pg = c->pg, .arena = arena_new(ARENA_BYTES) };
	c->lease = lease_new(settings->common->postgres);
	c->users = user_book_new(c->pg);
	c->transfers = transfers_new();
	c->records = records_new(&c->service, settings->own);
	redis_init(c);
	c->back_end_owner = (struct back_end_owner){ settings->own, settings->redis, c->pg,
		c->transfers, on_event, connector_on_gap, connector_on_snapshot, c };
	return c;
}

void connector_free(struct connector **c)
{
	if (!*c)
		return;
	end(*c);
	records_flush((*c)->records);
	records_free(&(*c)->records);
	pipeline_free(&(*c)->pipeline);
	told_free(&(*c)->told);
	teller_free(&(*c)->teller);
	transfers_free(&(*c)->transfers);
	user_book_free(&(*c)->users);
	lease_free(&(*c)->lease);
	arena_free(&(*c)->service.arena);
	pg_free(&(*c)->pg);
	free(*c);
	*c = NULL;
}

bool connector_fits(struct connector *c)
{
	return pg_connect(c->pg) != ERR_INTERNAL;
}

static void look_at_lease(struct connector *c)
{
	bool at_work = lease_look(c->lease, clock_ms());

	if (at_work && !c->core)
		begin(c);
	else if (!at_work && c->core)
		end(c);
}

/* Returns the milliseconds until it is to be called again, at most. */
static int work(struct connector *c)
{
	int wait = IDLE_MS, tick;

	look_at_lease(c);
	read_told(c);
	connector_retell(c);
	connector_sync(c);
	tick = c->back_end ? pbx_tick(c->core, clock_wall_us()) : -1;
	if (tick >= 0 && tick < wait)
		wait = tick;
	wait_until(&wait, records_write(c->records, clock_ms()));
	wait_until(&wait, teller_look(c->teller, clock_ms()));
	wait_until(&wait, lease_due_ms(c->lease));
	if (c->core && pipeline_is_up(c->pipeline)) {
		wait_until(&wait, c->read_ms);
		wait_until(&wait, c->back_end ? c->sync_ms : DEADLINE_NEVER);
	}
	return transfers_wait_ms(c->transfers, wait);
}

static void run(struct connector *c, const struct pollfd *polls)
{
	redis_watch_run(&c->watch, c->pipeline, &polls[POLL_REDIS]);
	transfers_run(c->transfers);
	if (c->back_end)
		c->settings->back_end->run(c->back_end, &polls[POLL_BACK_END]);
}

bool connector_turn(struct connector *c, int listener, const sigset_t *blocked)
{
	struct pollfd polls[POLL_BACK_END + BACK_END_POLLS_MAX];
	struct timespec limit;
	int wait = work(c), ready;
	size_t n = POLL_BACK_END;

	redis_watch_poll(&c->watch, c->pipeline, &polls[POLL_REDIS], &wait);
	polls[POLL_TRANSFERS] = (struct pollfd){ transfers_fd(c->transfers), POLLIN, 0 };
	polls[POLL_LISTENER] = (struct pollfd){ listener, POLLIN, 0 };
	if (c->back_end)
		n += c->settings->back_end->polls(c->back_end, &polls[n], &wait);
	limit = (struct timespec){ wait / 1000, wait % 1000 * 1000000L };
	ready = ppoll(polls, n, &limit, blocked);
	for (size_t i = 0; ready < 0 && i < n; i++)
		polls[i].revents = 0;
	run(c, polls);
	return polls[POLL_LISTENER].revents != 0;
}
