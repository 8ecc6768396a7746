#include "gateways/push.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sample.h"
#include "push_priv.h"

struct push_gateway {
	const struct push_settings *settings;
	const struct outgoing_settings *outgoing;
	struct http_client *client; /* NULL: not used yet */
	struct fcm *fcm;
	struct apns *apns;
	struct sample failures;
};

typedef void begin_fn(
	struct push_gateway *g, const struct push_message *m, int64_t until_ms, struct dialogue *d);

static void none_begin(
	struct push_gateway *g, const struct push_message *m, int64_t until_ms, struct dialogue *d)
{
	(void)g;
	(void)m;
	(void)until_ms;
	dialogue_later(d, 0, "there is no back end for push notifications");
}

static void native_begin(
	struct push_gateway *g, const struct push_message *m, int64_t until_ms, struct dialogue *d)
{
	(void)until_ms;
	if (strcmp(m->provider, "fcm") == 0)
		fcm_begin(g->fcm, m, d);
	else
		apns_begin(g->apns, m, d);
}

static void flexisip_begin(
	struct push_gateway *g, const struct push_message *m, int64_t until_ms, struct dialogue *d)
{
	flexisip_pusher_run(g->settings, m, until_ms, d);
}

static begin_fn *const backends[] = {
	[PUSH_NONE] = none_begin, [PUSH_NATIVE] = native_begin, [PUSH_FLEXISIP] = flexisip_begin
};

struct push_gateway *push_gateway_new(
	const struct push_settings *settings, const struct outgoing_settings *outgoing)
{
	struct push_gateway *g = mem_alloc(sizeof(*g));

	g->settings = settings;
	g->outgoing = outgoing;
	g->fcm = fcm_new(settings);
	g->apns = apns_new(settings);
	return g;
}

void push_gateway_free(struct push_gateway **g)
{
	if (!*g)
		return;
	http_client_free(&(*g)->client);
	fcm_free(&(*g)->fcm);
	apns_free(&(*g)->apns);
	free(*g);
	*g = NULL;
}

bool push_gateway_is_set_up(const struct push_gateway *g)
{
	return g->settings->backend != PUSH_NONE;
}

void push_begin(
	struct push_gateway *g, const struct push_message *m, int64_t until_ms, struct dialogue *d)
{
	backends[g->settings->backend](g, m, until_ms, d);
}

static void run(struct push_gateway *g, int64_t until_ms, struct dialogue *d)
{
	if (!g->client)
		g->client = http_client_new(g->outgoing);
	if (g->client)
		dialogue_run(d, g->client, until_ms);
	else
		dialogue_later(d, 0, "libcurl cannot be used");
}

/* A device that is gone is the application's business, and there are many; a service that is away is ours. */
static void log_end(struct push_gateway *g, const struct push_message *m, const struct dialogue *d)
{
	uint64_t left_out;

	if (d->result == DELIVERED_NEVER)
		log_info("no push notification by %s: %s", m->provider, d->reason);
	else if (d->result == DELIVERED_LATER && sample_take(&g->failures, clock_ms(), &left_out))
		log_warn("no push notification by %s: %s (%" PRIu64 " more before)", m->provider,
			d->reason, left_out);
}

void push_deliver(
	struct push_gateway *g, const struct push_message *m, int64_t until_ms, struct dialogue *d)
{
	push_begin(g, m, until_ms, d);
	if (d->call.url)
		run(g, until_ms, d);
	log_end(g, m, d);
}
