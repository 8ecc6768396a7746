/*
 * What a relay does by itself, spread evenly so that thousands of clients never cost one long turn.
 *
 * The look at live clients goes round: each tick takes as many from the front of the round as are
 * due, so that each is looked at once in check_ms, and fractions are owed to the next tick.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "redis/channel.h"
#include "cti_priv.h"

#define TICK_MS 50

static void look_around(struct cti *cti, int64_t passed_ms)
{
	int64_t n;

	cti->round_owed += (int64_t)cti->counters.sessions_live * passed_ms;
	n = cti->round_owed / cti->settings->check_ms;
	cti->round_owed %= cti->settings->check_ms;
	/* The machine may have stood still. */
	if (n > (int64_t)cti->counters.sessions_live)
		n = (int64_t)cti->counters.sessions_live;
	for (; n > 0 && !list_is_empty(&cti->round); n--) {
		struct cti_client *c = LIST_ENTRY(cti->round.next, struct cti_client, round);

		list_remove(&c->round);
		list_add_tail(&cti->round, &c->round);
		liveness_look(c);
	}
}

void round_on_tick(struct deadline *d, int64_t now_ms)
{
	struct cti *cti = LIST_ENTRY(d, struct cti, tick);
	int64_t passed = now_ms - cti->ticked_ms;

	cti->ticked_ms = now_ms;
	look_around(cti, passed);
	leaving_end_some(cti, passed);
	deadline_set(d, &cti->ticks, now_ms + TICK_MS);
}

void round_on_beat(struct deadline *d, int64_t now_ms)
{
	struct cti *cti = LIST_ENTRY(d, struct cti, beat);
	struct buf key;
	char score[24];

	snprintf(score, sizeof(score), "%" PRId64, cti_wall_us(cti) / 1000);
	buf_init(&key, CTI_NAME_MAX);
	channel_relays(&key, cti->settings->prefix);
	if (pipeline_send(cti->commands,
		    REDIS_COMMAND(STR("ZADD"), buf_str(&key), str_from(score),
			    str_from(cti->settings->relay)),
		    NULL, NULL) != ERR_OK)
		log_debug("redis is away: no sign of life");
	buf_finish(&key);
	gap_ask_some(cti);
	deadline_set(d, &cti->beats, now_ms + cti->settings->beat_ms);
}
