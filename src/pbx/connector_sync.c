/*
 * When the core is told all there is: at the beginning, when events may have been missed, when what it said may not
 * have got there, and now and then.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/settings.h"
#include "connector_priv.h"

#define BETWEEN_MS    1000
#define UNTOLD_MAX_MS 30000
/* A proxy that does not answer may only be started anew. */
#define CALLS_KEPT_MS ((int64_t)10 * 60 * 1000)

void connector_sync_by(struct connector *c, int64_t at_ms)
{
	int64_t soonest = c->began_ms + BETWEEN_MS;

	if (at_ms < soonest)
		at_ms = soonest;
	if (at_ms < c->sync_ms)
		c->sync_ms = at_ms;
}

void connector_retell(struct connector *c)
{
	int64_t now = clock_ms();

	if (!c->back_end || now < c->untold_ms || !pipeline_is_up(c->pipeline) ||
		!teller_was_lost(c->teller))
		return;
	if (now - c->untold_ms > UNTOLD_MAX_MS || c->untold_wait_ms < BETWEEN_MS)
		c->untold_wait_ms = BETWEEN_MS;
	else if (c->untold_wait_ms < UNTOLD_MAX_MS)
		c->untold_wait_ms *= 2;
	c->untold_ms = now + c->untold_wait_ms;
	pbx_untold(c->core);
	connector_sync_by(c, now);
}

void connector_on_gap(void *arg)
{
	struct connector *c = arg;

	log_info("events of the proxy come; looking at all there is");
	connector_sync_by(c, clock_ms());
}

void connector_sync(struct connector *c)
{
	int64_t now = clock_ms();

	if (!c->back_end || c->is_reading || now < c->sync_ms || !pipeline_is_up(c->pipeline))
		return;
	c->began_ms = now;
	c->sync_ms = now + c->settings->own->sync_interval_s * 1000;
	c->settings->back_end->ask(c->back_end);
}

/* Of which calls the answer says what holds: of all those of which nothing was heard since.  Without an answer it is
 * none for a while, and then those of which nothing was heard for as long. */
static int64_t as_of(struct connector *c, const struct snapshot *s, int64_t now_ms)
{
	if (s->calls_err == ERR_OK) {
		c->calls_known_ms = now_ms;
		c->is_deaf = false;
		return s->as_of_us;
	}
	if (now_ms - c->calls_known_ms < CALLS_KEPT_MS)
		return s->as_of_us;
	if (!c->is_deaf)
		log_error("the proxy has not told its calls for 10 minutes: those end of which "
			  "nothing was heard for as long");
	c->is_deaf = true;
	return s->as_of_us - CALLS_KEPT_MS * 1000;
}

static void say_refused(struct connector *c)
{
	struct pbx_figures f;

	pbx_figures(c->core, &f);
	if (f.refused > c->refused)
		log_fields(LOG_LEVEL_WARN, "refused",
			"setting=calls_max,devices_max n=%" PRIu64 " calls=%zu devices=%zu",
			f.refused - c->refused, f.calls, f.devices_registered);
	c->refused = f.refused;
}

void connector_on_snapshot(void *arg, const struct snapshot *s)
{
	struct connector *c = arg;
	int64_t now = clock_ms();

	pbx_sync_begin(c->core, as_of(c, s, now));
	for (size_t i = 0; i < s->registrations_n; i++)
		pbx_sync_registration(c->core, &s->registrations[i]);
	for (size_t i = 0; i < s->calls_n; i++)
		pbx_sync_call(c->core, &s->calls[i]);
	if (s->registrations_err != ERR_OK)
		pbx_sync_keep_registrations(c->core);
	if (s->calls_err != ERR_OK && !c->is_deaf)
		pbx_sync_keep_calls(c->core);
	pbx_sync_end(c->core, clock_wall_us());
	say_refused(c);
	if (s->calls_err == ERR_OK && s->registrations_err == ERR_OK)
		c->synced_ms = now;
	c->syncs++;
}
