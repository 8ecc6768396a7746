#include "relay/cti/cti.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "relay/core/client.h"
#include "relay/core/directory.h"
#include "relay/core/leaving.h"
#include "relay/core/setup.h"
#include "catch_up.h"
#include "claim.h"
#include "crowd.h"
#include "cti_priv.h"
#include "gap.h"
#include "inbox.h"
#include "liveness.h"
#include "login.h"
#include "own_extensions.h"
#include "round.h"
#include "takeover.h"
#include "transcription.h"

const struct cti_settings cti_usual = {
	.core = { .linger_ms = 15000, .check_ms = 30000, .evict_ms = 2000, .resync_ms = 10000 },
	.retry_ms = 1000,
	.beat_ms = 5000,
	.user_sockets_max = 20,
	.roll_call_ms = 2000,
};

/* In this order they are told. A login that goes on may end in the same call, so what depends on one
 * being pending comes before it; the owner is released when the entry among the live sockets is gone,
 * for the next owner is chosen from them. */
static const struct core_listener *const listeners[] = {
	&gap_listener,
	&catch_up_listener,
	&own_extensions_listener,
	&liveness_listener,
	&login_listener,
	&takeover_listener,
	&transcription_listener,
	NULL,
};

static void add_queues(struct cti *cti)
{
	const struct core_ports *ports = cti->core.ports;
	const struct {
		struct deadline_queue *queue;
		deadline_fn *fn;
	} own[] = {
		{ &cti->retries, login_on_retry },
		{ &cti->waits, claim_on_wait },
		{ &cti->gaps, gap_on_due },
		{ &cti->ticks, round_on_tick },
		{ &cti->beats, round_on_beat },
		{ &cti->roll_calls, crowd_on_due },
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		deadline_queue_init(own[i].queue, own[i].fn);
		ports->add_queue(ports->arg, own[i].queue);
	}
}

static void start_clocks(struct cti *cti)
{
	cti->ticked_ms = core_now(&cti->core);
	deadline_init(&cti->tick);
	deadline_init(&cti->beat);
	deadline_set(&cti->tick, &cti->ticks, cti->ticked_ms);
	deadline_set(&cti->beat, &cti->beats, cti->ticked_ms);
}

struct cti *cti_new(const struct cti_settings *settings, const struct cti_ports *ports,
	const struct redis_address *redis)
{
	struct cti *cti = mem_alloc(sizeof(*cti));
	const struct core_setup setup = { &settings->core, &ports->core, listeners, redis,
		inbox_on_message };

	cti->settings = settings;
	cti->ports = ports;
	cti->arena = arena_new(4096);
	cti->authe_ok =
		sio_event_frame(STR("[\"authe_ok\",{\"message\":\"authorized successfully\"}]"));
	list_init(&cti->waiting);
	list_init(&cti->snapshots);
	list_init(&cti->crowds);
	list_init(&cti->untold);
	cti->waiters = map_new();
	list_init(&cti->unasked);
	core_init(&cti->core, &setup);
	add_queues(cti);
	start_clocks(cti);
	core_start(&cti->core);
	return cti;
}

bool cti_is_connected(const struct cti *cti)
{
	return core_is_connected(&cti->core);
}

void cti_free(struct cti **owner)
{
	struct cti *cti = *owner;

	if (!cti)
		return;
	core_stop_commands(&cti->core);
	while (!list_is_empty(&cti->gaps.items))
		deadline_queue_run(&cti->gaps, DEADLINE_NEVER - 1);
	catch_up_free_all(&cti->core);
	crowd_free_all(cti);
	core_finish(&cti->core);
	map_free(&cti->waiters);
	frame_unref(&cti->authe_ok);
	arena_free(&cti->arena);
	free(cti);
	*owner = NULL;
}

void cti_count(const struct cti *cti, struct core_counters *ret)
{
	*ret = cti->core.counters;
}

void cti_drain(struct cti *cti, int64_t rate)
{
	LIST_FOR_EACH(c, &cti->core.round, struct cti_client, round)
		leaving_add(c, rate, SIO_END_RESTART);
}

void cti_clients(struct cti *cti, const char *user,
	void (*fn)(void *arg, const struct cti_client_info *client), void *arg)
{
	LIST_FOR_EACH(c, &cti->core.round, struct cti_client, round) {
		struct str domain = client_domain(c);
		struct arena *arena = arena_new(512);
		const struct cti_client_info client = {
			.sid = c->sio->id,
			.user = client_user(c, arena),
			.domain = arena_strndup(arena, domain.p, domain.n),
			.ua = ua_name(c->ua),
			.since = c->since,
		};

		if (!user || strcmp(user, client.user) == 0)
			fn(arg, &client);
		arena_free(&arena);
	}
}

bool cti_kick(struct cti *cti, const char *sid, bool for_good)
{
	struct cti_client *c = directory_find(&cti->core, sid);

	if (!c)
		return false;
	cti->core.counters.kicks++;
	if (for_good)
		client_send_away(c, CLOSE_KICKED);
	else
		client_close(c, SIO_END_RETRY, CLOSE_KICKED);
	return true;
}
