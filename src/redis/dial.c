#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "redis_priv.h"

#define SENTINEL_MS 1000
#define SERVER_MS   3000
#define LOOKUP_MS   10

void dial_init(
	struct dial *d, const struct redis_address *address, const struct pipeline_owner *owner)
{
	*d = (struct dial){ .owner = owner, .lookup = lookup_new() };
	route_init(&d->route, address);
}

void dial_stop(struct dial *d)
{
	if (!d->wire.redis)
		return;
	d->owner->watch(d->owner->arg, -1, false);
	wire_close(&d->wire);
}

void dial_finish(struct dial *d)
{
	dial_stop(d);
	lookup_free(&d->lookup);
}

struct wire dial_take(struct dial *d)
{
	struct wire wire = d->wire;

	d->wire = (struct wire){ 0 };
	return wire;
}

static void watch_output(struct dial *d, bool output)
{
	d->owner->watch(d->owner->arg, d->wire.redis->fd, output);
}

static enum route_step begin_connecting(struct dial *d)
{
	const char *path = d->route.address->path;

	redisContext *redis = path ? redisConnectUnixNonBlock(path)
				   : redisConnectNonBlock(d->address, d->route.port);

	d->wire.redis = redis;
	if (redis && !redis->err) {
		d->connected = d->secured = false;
		d->due_ms = d->end_ms;
		watch_output(d, true);
		return ROUTE_WAIT;
	}
	enum route_step step = route_miss(&d->route, redis ? redis->errstr : "out of memory");

	wire_close(&d->wire);
	return step;
}

/* A name that takes long is asked for again and again until this place's time is over. */
static enum route_step look_up(struct dial *d)
{
	enum err e = d->route.address->path
			     ? ERR_OK
			     : lookup_address(d->lookup, d->route.host, 0, d->address);

	if (e == ERR_OK)
		return begin_connecting(d);
	d->due_ms = clock_ms() + LOOKUP_MS;
	if (e == ERR_AGAIN && d->due_ms < d->end_ms)
		return ROUTE_WAIT;
	return route_miss(&d->route, "its name has no address");
}

static enum dial_result go_on(struct dial *d, enum route_step step)
{
	while (step == ROUTE_GO) {
		dial_stop(d);
		d->end_ms = clock_ms() + (d->route.asks ? SENTINEL_MS : SERVER_MS);
		step = look_up(d);
	}
	if (step == ROUTE_LOST)
		dial_stop(d);
	return step == ROUTE_WAIT ? DIAL_PENDING : step == ROUTE_ARRIVED ? DIAL_THERE : DIAL_LOST;
}

enum dial_result dial_start(struct dial *d)
{
	return go_on(d, route_start(&d->route));
}

enum dial_result dial_on_time(struct dial *d)
{
	return go_on(d, !d->wire.redis && clock_ms() < d->end_ms
				? look_up(d)
				: route_miss(&d->route, "no answer"));
}

static enum route_step on_connected(struct dial *d)
{
	int error = 0;
	socklen_t n = sizeof(error);

	getsockopt(d->wire.redis->fd, SOL_SOCKET, SO_ERROR, &error, &n);
	if (error)
		return route_miss(&d->route, strerror(error));
	d->connected = true;
	if (d->route.address->tls.on &&
		wire_secure(&d->wire, &d->route.address->tls, d->route.host) != REDIS_OK)
		return route_miss(&d->route, d->wire.redis->errstr);
	return ROUTE_WAIT;
}

/* As far as it goes; then the commands of the route wait to be written. */
static enum route_step secure(struct dial *d)
{
	enum wire_want want = d->wire.tls ? wire_shake(&d->wire) : WIRE_NOTHING;

	if (want == WIRE_BROKEN)
		return route_miss(&d->route, d->wire.redis->errstr);
	watch_output(d, want != WIRE_READ);
	d->secured = want == WIRE_NOTHING;
	for (size_t i = 0; i < d->route.count && d->secured; i++)
		wire_append(&d->wire, &d->route.commands[i]);
	return ROUTE_WAIT;
}

static enum route_step write_commands(struct dial *d)
{
	int done = 0;

	if (wire_write(&d->wire, &done) != REDIS_OK)
		return route_miss(&d->route, d->wire.redis->errstr);
	watch_output(d, !done);
	return ROUTE_WAIT;
}

static enum route_step read_answers(struct dial *d)
{
	enum route_step step = ROUTE_WAIT;
	void *got = NULL;

	if (wire_read(&d->wire) != REDIS_OK)
		return route_miss(&d->route, d->wire.redis->errstr);
	while (step == ROUTE_WAIT) {
		if (redisGetReplyFromReader(d->wire.redis, &got) != REDIS_OK)
			return route_miss(&d->route, d->wire.redis->errstr);
		if (!got)
			break;
		step = route_take(&d->route, got);
		freeReplyObject(got);
	}
	return step;
}

enum dial_result dial_on_ready(struct dial *d, bool input, bool output)
{
	enum route_step step = ROUTE_WAIT;

	if (!d->wire.redis)
		return DIAL_PENDING;
	if (!d->connected)
		step = on_connected(d);
	if (step == ROUTE_WAIT && !d->secured)
		step = secure(d);
	if (step == ROUTE_WAIT && d->secured && output)
		step = write_commands(d);
	if (step == ROUTE_WAIT && d->secured && input)
		step = read_answers(d);
	return go_on(d, step);
}
