/*
 * What a relay does by itself, spread evenly so that thousands of clients never cost one long turn.
 *
 * The look at live sessions goes round: each tick takes as many from the front of the round as are
 * due, so that each is looked at once in check_ms, and fractions are owed to the next tick.  Those who
 * are to leave stand in a line of their own; some go each tick, at the fastest rate anybody asked for.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "redis/channel.h"
#include "cti_priv.h"

#define TICK_MS         50
#define RESYNC_RATE_MIN 50 /* a second */

static void look_around(struct cti *c, int64_t passed_ms)
{
	int64_t n;

	c->round_owed += (int64_t)c->counters.sessions_live * passed_ms;
	n = c->round_owed / c->settings->check_ms;
	c->round_owed %= c->settings->check_ms;
	/* The machine may have stood still. */
	if (n > (int64_t)c->counters.sessions_live)
		n = (int64_t)c->counters.sessions_live;
	for (; n > 0 && !list_is_empty(&c->round); n--) {
		struct cti_session *s = LIST_ENTRY(c->round.next, struct cti_session, round);

		list_remove(&s->round);
		list_add_tail(&c->round, &s->round);
		roster_look(s);
	}
}

static void end_some(struct cti *c, int64_t passed_ms)
{
	int64_t n;

	if (list_is_empty(&c->leaving)) {
		c->leave_owed = c->leave_rate = 0;
		return;
	}
	c->leave_owed += c->leave_rate * passed_ms;
	n = c->leave_owed / 1000;
	c->leave_owed %= 1000;
	for (; n > 0 && !list_is_empty(&c->leaving); n--)
		session_close(
			LIST_ENTRY(c->leaving.next, struct cti_session, leaving), c->leave_how);
}

void tick_on_time(struct deadline *d, int64_t now_ms)
{
	struct cti *c = LIST_ENTRY(d, struct cti, tick);
	int64_t passed = now_ms - c->ticked_ms;

	c->ticked_ms = now_ms;
	look_around(c, passed);
	end_some(c, passed);
	deadline_set(d, &c->ticks, now_ms + TICK_MS);
}

void tick_leave(struct cti_session *s, int64_t rate, enum sio_end how)
{
	struct cti *c = s->cti;

	if (rate > c->leave_rate)
		c->leave_rate = rate;
	/* A relay that goes need not pretend to stay. */
	if (list_is_empty(&c->leaving) || how == SIO_END_RESTART)
		c->leave_how = how;
	if (!list_is_empty(&s->leaving))
		return;
	list_add_tail(&c->leaving, &s->leaving);
	c->counters.sessions_leaving++;
}

/* Lest they all come back at once. */
void tick_resync(struct cti_session *s)
{
	struct cti *c = s->cti;
	int64_t rate;

	if (!list_is_empty(&s->leaving))
		return;
	tick_leave(s, RESYNC_RATE_MIN, SIO_END_RETRY);
	c->counters.resyncs++;
	rate = (int64_t)c->counters.sessions_leaving * 1000 / (c->settings->resync_ms + 1) + 1;
	if (rate > c->leave_rate)
		c->leave_rate = rate;
}

void tick_on_beat(struct deadline *d, int64_t now_ms)
{
	struct cti *c = LIST_ENTRY(d, struct cti, beat);
	struct buf key;
	char score[24];

	snprintf(score, sizeof(score), "%" PRId64, cti_wall_us(c) / 1000);
	buf_init(&key, CTI_NAME_MAX);
	channel_relays(&key, c->settings->prefix);
	if (pipeline_send(c->commands,
		    REDIS_COMMAND(STR("ZADD"), buf_str(&key), str_from(score),
			    str_from(c->settings->relay)),
		    NULL, NULL) != ERR_OK)
		log_debug("redis is away: no sign of life");
	buf_finish(&key);
	gap_ask_some(c);
	deadline_set(d, &c->beats, now_ms + c->settings->beat_ms);
}
