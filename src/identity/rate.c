#include "identity/rate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/network.h"
#include "base/pace.h"
#include "base/sample.h"
#include "base/siphash.h"
#include "identity/lock.h"

#define SLOTS      4096
#define ADVANCE_MS 1000
#define QUOTED_MAX (2 * NETWORK_SIZE + 3)

/* Two subjects in one slot push each other out: the tag is a keyed hash, so no caller can arrange it. */
struct slot {
	uint64_t tag;
	struct pace here;                        /* our own bucket */
	int64_t in_advance, in_advance_until_ms; /* taken from the shared one, not used yet */
};

/* Requests refused by this process. */
struct refusals {
	uint64_t total;
	struct sample sample;
};

struct rate_table {
	struct slot slots[SLOTS];
	struct refusals refusals[RATE_KINDS];
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

static const char *rate_kind_name(enum rate_kind kind)
{
	static const char *const names[] = { [RATE_SESSION] = "request_rate",
		[RATE_ACCOUNT] = "account_requests",
		[RATE_NETWORK] = "stranger_rate",
		[RATE_TOKENS_MINUTE] = "public_tokens_per_minute",
		[RATE_TOKENS_DAY] = "public_tokens_per_day" };

	return names[kind];
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
	const struct pace_limit limit = { r->each_us, r->burst };

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

	if (r->take(r->ctx, subject, r, &grant) != ERR_OK)
		return take_here(r, s);
	if (grant.count == 0)
		return grant.wait_us;
	s->in_advance = grant.count - 1;
	s->in_advance_until_ms = clock_ms() + ADVANCE_MS;
	return 0;
}

/* The client is only named by its network: what a session or an account is called is no one's business. */
static void tell(
	const struct service *s, enum rate_kind kind, const char *network, uint64_t left_out)
{
	char quoted[QUOTED_MAX];

	log_fields(LOG_LEVEL_WARN, "refused",
		"reason=%s status=429 setting=%s address=%s left_out=%" PRIu64 " total=%" PRIu64,
		rate_kind_name(kind), s->rates[kind].setting,
		*network ? log_quote(quoted, sizeof(quoted), str_from(network)) : "-", left_out,
		s->rate_table->refusals[kind].total);
}

static void note(struct service *s, enum rate_kind kind)
{
	struct refusals *r = &s->rate_table->refusals[kind];
	uint64_t left_out;

	r->total++;
	if (sample_take(&r->sample, clock_ms(), &left_out))
		tell(s, kind, client_network(s->arena, s->client.ip), left_out);
}

void rate_report(const struct service *s)
{
	uint64_t left_out;

	for (int kind = 0; kind < RATE_KINDS; kind++)
		if (sample_flush(&s->rate_table->refusals[kind].sample, clock_ms(), &left_out))
			tell(s, (enum rate_kind)kind, "", left_out);
}

uint64_t rate_refused(const struct service *s, enum rate_kind kind)
{
	return s->rate_table->refusals[kind].total;
}

static enum err take(struct service *s, enum rate_kind kind, const char *subject)
{
	const struct rate_limit *r = &s->rates[kind];
	int64_t wait_us;

	if (r->each_us == 0)
		return ERR_OK;
	struct slot *slot = slot_of(s->rate_table, subject);

	wait_us = take_in_advance(slot) ? 0 : take_shared(r, slot, subject);
	if (wait_us == 0)
		return ERR_OK;
	note(s, kind);
	s->retry_after_s = (wait_us + CLOCK_SECOND_US - 1) / CLOCK_SECOND_US;
	return ERR_TOO_MANY;
}

enum err rate_take_session(struct service *s, const char *jti)
{
	return take(s, RATE_SESSION, arena_printf(s->arena, "s:%s", jti));
}

enum err rate_take_account(struct service *s, int64_t account_id)
{
	return take(s, RATE_ACCOUNT, arena_printf(s->arena, "i:%lld", (long long)account_id));
}

static enum err take_of_network(struct service *s, enum rate_kind kind, const char *which)
{
	return take(s, kind,
		arena_printf(s->arena, "%s:%s", which, client_network(s->arena, s->client.ip)));
}

enum err rate_take_network(struct service *s)
{
	return take_of_network(s, RATE_NETWORK, "a");
}

enum err rate_take_token(struct service *s)
{
	enum err e = take_of_network(s, RATE_TOKENS_MINUTE, "t");

	return e == ERR_OK ? take_of_network(s, RATE_TOKENS_DAY, "d") : e;
}
