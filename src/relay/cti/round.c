#include "round.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "redis/channel.h"
#include "relay/core/client.h"
#include "relay/core/leaving.h"
#include "catch_up.h"
#include "cti_priv.h"
#include "gap.h"

#define TICK_MS  50
#define RETRY_MS 500

static void look_around(struct cti *cti, int64_t passed_ms)
{
	struct core *core = &cti->core;
	int64_t n;

	cti->round_owed += (int64_t)core->counters.sessions_live * passed_ms;
	n = cti->round_owed / core->settings->check_ms;
	cti->round_owed %= core->settings->check_ms;
	/* The machine may have stood still. */
	if (n > (int64_t)core->counters.sessions_live)
		n = (int64_t)core->counters.sessions_live;
	for (; n > 0 && !list_is_empty(&core->round); n--) {
		struct cti_client *c = LIST_ENTRY(core->round.next, struct cti_client, round);

		list_remove(&c->round);
		list_add_tail(&core->round, &c->round);
		client_look(c);
	}
}

void round_on_tick(struct deadline *d, int64_t now_ms)
{
	struct cti *cti = LIST_ENTRY(d, struct cti, tick);
	int64_t passed = now_ms - cti->ticked_ms;

	cti->ticked_ms = now_ms;
	look_around(cti, passed);
	leaving_end_some(&cti->core, passed);
	catch_up_go_on(&cti->core);
	deadline_set(d, &cti->ticks, now_ms + TICK_MS);
}

void round_on_beat(struct deadline *d, int64_t now_ms)
{
	struct cti *cti = LIST_ENTRY(d, struct cti, beat);
	struct core *core = &cti->core;
	struct buf key;
	char score[24];

	snprintf(score, sizeof(score), "%" PRId64, core_wall_us(core) / 1000);
	buf_init(&key, CORE_NAME_MAX);
	channel_relays(&key, core->settings->prefix);
	bool sent = pipeline_send(core->commands,
			    REDIS_COMMAND(STR("ZADD"), buf_str(&key), str_from(score),
				    str_from(core->settings->relay)),
			    NULL, NULL) == ERR_OK;

	if (!sent)
		log_debug("redis is away: no sign of life");
	buf_finish(&key);
	gap_ask_some(core);
	/* One that is just being connected is to be known at once. */
	deadline_set(d, &cti->beats, now_ms + (sent ? cti->settings->beat_ms : RETRY_MS));
}
