#include "relay/admin/departure.h"

#include "base/log.h"
#include "relay/ws/ws.h"

#define STOP_MS        3000
#define LOOK_MS        20
#define DRAIN_RATE_MIN 50

/* Those left have not logged in, or the time is over. */
static void close_the_rest(struct departure *d, int64_t now)
{
	struct core_counters counters;

	cti_count(d->cti, &counters);
	if (counters.sessions_live && now < d->close_by_ms)
		return;
	acceptor_free(d->acceptor);
	server_close_all(d->server, WS_CLOSE_RESTART);
}

static void on_look(struct deadline *look, int64_t now)
{
	struct departure *d = LIST_ENTRY(look, struct departure, look);

	close_the_rest(d, now);
	/* Not at once: what the last one to go leaves behind in Redis is being taken back. */
	if ((server_count(d->server) == 0 && !*d->acceptor && d->was_empty) ||
		now >= d->stop_by_ms) {
		loop_stop(d->loop);
		return;
	}
	d->was_empty = server_count(d->server) == 0;
	deadline_set(look, &d->looks, now + LOOK_MS);
}

void drain_init(struct departure *d, struct loop *loop, struct cti *cti, struct server *server,
	struct acceptor **acceptor)
{
	*d = (struct departure){ .loop = loop, .cti = cti, .server = server, .acceptor = acceptor };
	deadline_init(&d->look);
	deadline_queue_init(&d->looks, on_look);
	loop_add_queue(loop, &d->looks);
}

void drain_clients(struct departure *d, int64_t rate)
{
	int64_t n = (int64_t)server_count(d->server);

	if (rate <= 0)
		rate = n / 100 > DRAIN_RATE_MIN ? n / 100 : DRAIN_RATE_MIN;
	log_info("draining %lld connections, %lld a second", (long long)n, (long long)rate);
	d->refuses = true;
	server_refuse_all(d->server);
	cti_drain(d->cti, rate);
}

bool drain_has_begun(const struct departure *d)
{
	return deadline_is_set(&d->look);
}

bool drain_refuses_newcomers(const struct departure *d)
{
	return d->refuses;
}

void drain_begin(struct departure *d, int64_t drain_ms)
{
	int64_t now = loop_now(d->loop), n = (int64_t)server_count(d->server);
	int64_t rate = n * 1000 / (drain_ms + 1) + 1;

	if (drain_has_begun(d)) {
		d->close_by_ms = now;
		return;
	}
	drain_clients(d, rate > DRAIN_RATE_MIN ? rate : DRAIN_RATE_MIN);
	d->close_by_ms = now + drain_ms;
	d->stop_by_ms = d->close_by_ms + STOP_MS;
	deadline_set(&d->look, &d->looks, now);
}
