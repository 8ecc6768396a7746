/*
 * Events are taken as they come.  A snapshot goes in steps, between which events are taken: calls are asked for
 * first, and while the proxy answers, or when it has, registrations are read a page at a time.
 */
#include "pbx/kamailio.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sample.h"
#include "conf/settings.h"
#include "kamailio_priv.h"
#include "outgoing/json_rpc.h"
#include "pbx/redis_watch.h"
#include "redis/subscriber.h"
#include "store_priv.h"

#define CHANNEL      "sip:events"
#define CALLS_MS     3000
#define ANSWER_BASE  ((int64_t)1 << 20)
#define CALL_BYTES   4096 /* of a dialog, in the answer, at most */
#define ANSWER_MAX   ((int64_t)64 << 20)
#define PAGE         500
#define EVENT_BYTES  8192
#define LABELS_MAX   256
#define ASKING_BYTES 65536

enum asking { ASKING_NOT, ASKING_CALLS, ASKING_REGISTRATIONS };

struct figures {
	uint64_t events[KAMAILIO_KINDS_MAX];
	uint64_t malformed, oversized, ignored;
};

struct back_end {
	struct back_end_owner owner;
	struct subscriber_owner below;
	struct subscriber *subscriber;
	struct subscription subscription;
	struct redis_watch watch;
	struct arena *arena; /* of one event */
	struct json_rpc_client *rpc;
	struct figures figures;
	struct sample complaints;

	enum asking asking;
	struct arena *found; /* of the snapshot */
	struct snapshot snapshot;
	struct pbx_event *registrations; /* kept from one snapshot to the next */
	size_t registrations_cap;
	int64_t last_row;
};

static void watch(void *arg, int fd, bool output)
{
	struct back_end *b = arg;

	b->watch = (struct redis_watch){ fd, output };
}

static void complain(struct back_end *b, const char *what)
{
	uint64_t left_out;

	if (sample_take(&b->complaints, clock_ms(), &left_out))
		log_fields(LOG_LEVEL_WARN, "event passed over",
			"reason=%s channel=" CHANNEL " left_out=%" PRIu64, what, left_out);
}

static void on_message(void *arg, struct subscription *s, struct str message)
{
	struct back_end *b = arg;
	struct pbx_event event;
	size_t kind;
	enum err e = kamailio_event_parse(message, b->arena, &kind, &event);

	(void)s;
	if (e == ERR_OK) {
		b->figures.events[kind]++;
		b->owner.on_event(b->owner.ctx, &event);
	} else if (e == ERR_NOT_FOUND) {
		b->figures.ignored++;
	} else if (e == ERR_LIMIT) {
		b->figures.oversized++;
		complain(b, "too_long");
	} else {
		b->figures.malformed++;
		complain(b, "malformed");
	}
	arena_reset(b->arena);
}

static void on_confirmed(void *arg, struct subscription *s)
{
	struct back_end *b = arg;

	(void)s;
	b->owner.on_gap(b->owner.ctx);
}

static void on_down(void *arg)
{
	(void)arg;
}

static void *open_back_end(const struct back_end_owner *owner)
{
	struct back_end *b = mem_alloc(sizeof(*b));

	b->owner = *owner;
	b->below = (struct subscriber_owner){ .watch = watch,
		.on_confirmed = on_confirmed,
		.on_message = on_message,
		.on_down = on_down,
		.arg = b };
	b->watch.fd = -1;
	b->arena = arena_new(EVENT_BYTES);
	b->found = arena_new(ASKING_BYTES);
	b->rpc = json_rpc_new(owner->settings->kamailio_rpc);
	b->subscriber = subscriber_new(owner->redis, &b->below);
	subscriber_add(b->subscriber, &b->subscription, STR(CHANNEL));
	pipeline_start(subscriber_pipeline(b->subscriber));
	return b;
}

/* Behind the transfers, which may use what it has. */
static void close_back_end(void *back_end)
{
	struct back_end *b = back_end;

	subscriber_free(&b->subscriber);
	json_rpc_free(&b->rpc);
	arena_free(&b->found);
	arena_free(&b->arena);
	free(b->registrations);
	free(b);
}

static void answer(struct back_end *b)
{
	b->asking = ASKING_NOT;
	b->snapshot.registrations = b->registrations;
	b->owner.on_snapshot(b->owner.ctx, &b->snapshot);
	arena_reset(b->found);
}

static struct pbx_event *next_registration(struct back_end *b)
{
	if (b->snapshot.registrations_n == b->registrations_cap) {
		b->registrations_cap = b->registrations_cap ? 2 * b->registrations_cap : PAGE;
		b->registrations = mem_realloc(
			b->registrations, b->registrations_cap * sizeof(*b->registrations));
	}
	return &b->registrations[b->snapshot.registrations_n];
}

static void add_registration(struct back_end *b, const struct registration *r)
{
	struct pbx_event *e = next_registration(b);

	*e = (struct pbx_event){
		.kind = PBX_REGISTERED,
		.at_us = b->snapshot.as_of_us,
		.of = kamailio_address(b->found, r->address),
		.contact = kamailio_contact(b->found, r->contact),
		.user_agent = kamailio_text(b->found, r->user_agent),
	};
	kamailio_place(b->found, r->place, &e->ip, &e->port);
	b->last_row = r->row_id;
	if (e->of.user && e->contact)
		b->snapshot.registrations_n++;
}

static void read_page(struct back_end *b)
{
	size_t most = (size_t)b->owner.settings->devices_max, n = 0;
	struct registration *rows;

	b->snapshot.registrations_err =
		pbx_store_registrations(b->owner.pg, b->last_row, PAGE, b->found, &rows, &n);
	if (b->snapshot.registrations_err != ERR_OK) {
		answer(b);
		return;
	}
	for (size_t i = 0; i < n && b->snapshot.registrations_n < most; i++)
		add_registration(b, &rows[i]);
	if (n < PAGE || b->snapshot.registrations_n >= most)
		answer(b);
}

static void on_calls(void *arg, enum err e, struct str result)
{
	struct back_end *b = arg;
	struct snapshot *s = &b->snapshot;
	struct pbx_event *calls = NULL;

	if (e == ERR_OK)
		e = kamailio_calls_parse(result, (size_t)b->owner.settings->calls_max, b->found,
			&calls, &s->calls_n);
	if (e == ERR_PROTOCOL)
		log_warn("JSON-RPC dlg.list: the answer is no list of calls");
	s->calls_err = e;
	s->calls = calls;
	b->asking = ASKING_REGISTRATIONS;
}

static size_t answer_max(const struct pbx_settings *settings)
{
	int64_t bytes = ANSWER_BASE + settings->calls_max * CALL_BYTES;

	return (size_t)(bytes < ANSWER_MAX ? bytes : ANSWER_MAX);
}

static void ask(void *back_end)
{
	struct back_end *b = back_end;
	const struct json_rpc_call call = { .method = "dlg.list",
		.params = STR("[]"),
		.timeout_ms = CALLS_MS,
		.answer_max = answer_max(b->owner.settings),
		.arena = b->found,
		.done = on_calls,
		.arg = b };

	if (b->asking != ASKING_NOT)
		return;
	b->asking = ASKING_CALLS;
	b->last_row = 0;
	b->snapshot = (struct snapshot){ .as_of_us = clock_wall_us() };
	if (b->rpc)
		json_rpc_start(b->rpc, b->owner.transfers, &call);
	else
		on_calls(b, ERR_UNAVAILABLE, (struct str){ 0 });
}

static size_t polls(void *back_end, struct pollfd *polls, int *wait_ms)
{
	struct back_end *b = back_end;

	redis_watch_poll(&b->watch, subscriber_pipeline(b->subscriber), polls, wait_ms);
	if (b->asking == ASKING_REGISTRATIONS)
		*wait_ms = 0;
	return 1;
}

static void run(void *back_end, const struct pollfd *polls)
{
	struct back_end *b = back_end;

	redis_watch_run(&b->watch, subscriber_pipeline(b->subscriber), polls);
	if (b->asking == ASKING_REGISTRATIONS)
		read_page(b);
}

enum { METRIC_EVENTS };

#define ROW(name, member, help)                                                    \
	{                                                                          \
		name, NULL, METRIC_COUNTER, help, offsetof(struct figures, member) \
	}

const struct metric kamailio_metrics[] = {
	[METRIC_EVENTS] = { "events", NULL, METRIC_COUNTER, "Events of the proxy, by kind",
		METRIC_NOWHERE, "kind" },
	ROW("events_malformed", malformed, "Messages that were no event"),
	ROW("events_oversized", oversized, "Messages that were too long"),
	ROW("events_ignored", ignored, "Events of no concern"),
	METRICS_END,
};

static void put_figures(void *back_end, struct metric_text *t)
{
	const struct back_end *b = back_end;
	struct buf labels;

	buf_init(&labels, LABELS_MAX);
	for (size_t i = 0; kamailio_kind_name(i); i++) {
		buf_clear(&labels);
		metric_label(&labels, "kind", str_from(kamailio_kind_name(i)));
		metric_put(t, &kamailio_metrics[METRIC_EVENTS], labels.p, b->figures.events[i]);
	}
	buf_finish(&labels);
	metric_put_rows(t, kamailio_metrics, &b->figures);
}

const struct back_end_kind kamailio = {
	.name = "kamailio",
	.open = open_back_end,
	.close = close_back_end,
	.ask = ask,
	.polls = polls,
	.run = run,
	.figures = put_figures,
};
