#include "identity/rate.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/pace.h"
#include "base/siphash.h"
#include "identity/lock.h"

#define SLOTS      4096
#define SHARE      8 /* of what is left in a bucket, taken in advance */
#define ADVANCE_MS 1000

/* Two subjects in one slot push each other out: the tag is a keyed hash, so no caller can arrange it. */
struct slot {
	uint64_t tag;
	struct pace here;                        /* our own bucket */
	int64_t in_advance, in_advance_until_ms; /* taken from the shared one, not used yet */
};

struct rate_table {
	struct slot slots[SLOTS];
};

struct rate_table *rate_table_new(void)
{
	return mem_alloc(sizeof(struct rate_table));
}

void rate_table_free(struct rate_table **t)
{
	free(*t);
	*t = NULL;
}

static struct slot *slot_of(struct rate_table *t, const char *subject)
{
	uint64_t tag = siphash(str_from(subject));
	struct slot *s = &t->slots[tag % SLOTS];

	if (s->tag != tag)
		*s = (struct slot){ .tag = tag };
	return s;
}

/* Microseconds to wait, 0 when there was something in our own bucket. */
static int64_t take_here(const struct rate_limit *r, struct slot *s)
{
	const struct pace_limit limit = { CLOCK_SECOND_US / r->rate, r->burst };

	return pace_take_or_wait(&s->here, &limit, clock_ms());
}

static bool take_in_advance(struct slot *s)
{
	if (s->in_advance == 0 || clock_ms() >= s->in_advance_until_ms)
		return false;
	s->in_advance--;
	return true;
}

/* Microseconds to wait, 0 when there was something in the bucket. */
static int64_t take_shared(const struct rate_limit *r, struct slot *s, const char *subject)
{
	struct rate_grant grant;

	if (r->take(r->ctx, subject, r, SHARE, &grant) != ERR_OK)
		return take_here(r, s);
	if (grant.count == 0)
		return grant.wait_us;
	s->in_advance = grant.count - 1;
	s->in_advance_until_ms = clock_ms() + ADVANCE_MS;
	return 0;
}

static enum err take(struct service *s, const char *subject)
{
	const struct rate_limit *r = &s->rate;
	int64_t wait_us;

	if (r->rate == 0)
		return ERR_OK;
	struct slot *slot = slot_of(s->rate_table, subject);

	wait_us = take_in_advance(slot) ? 0 : take_shared(r, slot, subject);
	if (wait_us == 0)
		return ERR_OK;
	s->retry_after_s = (wait_us + CLOCK_SECOND_US - 1) / CLOCK_SECOND_US;
	return ERR_TOO_MANY;
}

enum err rate_take_session(struct service *s, const char *jti)
{
	return take(s, arena_printf(s->arena, "s:%s", jti));
}

enum err rate_take_network(struct service *s)
{
	return take(s, arena_printf(s->arena, "a:%s", client_network(s->arena, s->client.ip)));
}
