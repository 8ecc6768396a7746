#include "domain/rate.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "domain/password.h"

#define SLOTS 4096

/* A bucket is one number: when it will be full again (the generic cell rate algorithm of ITU-T
 * I.371).  Two subjects in one slot push each other out; with the seed nobody can arrange that. */
struct slot {
	uint64_t tag;
	int64_t full_at_us;
};

struct rate_table {
	uint8_t seed[HASH_BYTES];
	struct slot slots[SLOTS];
};

struct rate_table *rate_table_new(void)
{
	struct rate_table *t = mem_alloc(sizeof(*t));

	random_bytes(t->seed, sizeof(t->seed));
	return t;
}

void rate_table_free(struct rate_table **t)
{
	free(*t);
	*t = NULL;
}

static struct slot *slot_of(struct rate_table *t, const char *subject)
{
	uint8_t hash[HASH_BYTES];
	uint64_t tag;

	hash_hmac_sha256(
		(struct str){ (const char *)t->seed, sizeof(t->seed) }, str_from(subject), hash);
	memcpy(&tag, hash, sizeof(tag));
	struct slot *s = &t->slots[tag % SLOTS];

	if (s->tag != tag)
		*s = (struct slot){ .tag = tag };
	return s;
}

/* Microseconds to wait, 0 when there was something in the bucket. */
static int64_t take_here(struct domain *d, const char *subject)
{
	const struct rate_limit *r = &d->rate;
	struct slot *s = slot_of(d->rate_table, subject);
	int64_t now = clock_ms() * 1000, each = CLOCK_SECOND_US / r->rate;
	int64_t full_at = (s->full_at_us > now ? s->full_at_us : now) + each;
	int64_t over = full_at - now - each * r->burst;

	if (over > 0)
		return over;
	s->full_at_us = full_at;
	return 0;
}

static enum err take(struct domain *d, const char *subject)
{
	const struct rate_limit *r = &d->rate;
	int64_t wait_us;

	if (r->rate == 0)
		return ERR_OK;
	if (r->take(r->ctx, subject, r->rate, r->burst, &wait_us) != ERR_OK)
		wait_us = take_here(d, subject);
	if (wait_us == 0)
		return ERR_OK;
	d->retry_after_s = (wait_us + CLOCK_SECOND_US - 1) / CLOCK_SECOND_US;
	return ERR_TOO_MANY;
}

enum err rate_take_session(struct domain *d, const char *jti)
{
	return take(d, arena_printf(d->arena, "s:%s", jti));
}

enum err rate_take_network(struct domain *d)
{
	return take(d, arena_printf(d->arena, "a:%s", client_network(d->arena, d->client.ip)));
}
