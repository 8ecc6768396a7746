#include "identity/rate.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/pace.h"
#include "base/siphash.h"
#include "identity/lock.h"
#include "service/limit.h"

#define SLOTS      4096
#define ADVANCE_MS 1000

/* Two subjects in one slot push each other out: the tag is a keyed hash, so no caller can arrange it. */
struct slot {
	uint64_t tag;
	struct pace here;                        /* our own bucket */
	int64_t left;                            /* in the shared one, when we asked */
	int64_t in_advance, in_advance_until_ms; /* taken from the shared one, not used yet */
};

struct rate_table {
	struct slot slots[SLOTS];
	uint64_t asked; /* the tag of the bucket whose answer is on its way; 0: none */
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

static const enum limit limit_of[RATE_KINDS] = { [RATE_SESSION] = LIMIT_REQUESTS,
	[RATE_ACCOUNT] = LIMIT_ACCOUNT_REQUESTS,
	[RATE_NETWORK] = LIMIT_STRANGERS,
	[RATE_TOKENS_MINUTE] = LIMIT_TOKENS_MINUTE,
	[RATE_TOKENS_DAY] = LIMIT_TOKENS_DAY,
	[RATE_PUSH] = LIMIT_PUSH };

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
	int64_t now_ms = clock_ms(), wait_us = pace_take_or_wait(&s->here, &limit, now_ms);
	int64_t used = (s->here.due_us - now_ms * 1000 + r->each_us - 1) / r->each_us;

	s->left = used < r->burst ? r->burst - used : 0;
	s->in_advance = 0;
	return wait_us;
}

static bool has_in_advance(const struct slot *s)
{
	return s->in_advance > 0 && clock_ms() < s->in_advance_until_ms;
}

static bool take_in_advance(struct slot *s)
{
	if (!has_in_advance(s))
		return false;
	s->in_advance--;
	return true;
}

static enum err take_or_answer(struct rate_table *t, const struct rate_limit *r,
	const struct slot *s, const char *subject, struct rate_grant *ret)
{
	bool asked = t->asked == s->tag && r->answer;

	t->asked = 0;
	return asked ? r->answer(r->ctx, ret) : r->take(r->ctx, subject, r, ret);
}

/* Microseconds to wait, 0 when there was something in the bucket. */
static int64_t take_shared(
	struct rate_table *t, const struct rate_limit *r, struct slot *s, const char *subject)
{
	struct rate_grant grant;

	if (take_or_answer(t, r, s, subject, &grant) != ERR_OK)
		return take_here(r, s);
	if (grant.count == 0)
		return grant.wait_us;
	s->in_advance = grant.count - 1;
	s->left = grant.left;
	s->in_advance_until_ms = clock_ms() + ADVANCE_MS;
	return 0;
}

static enum err take(struct service *s, enum rate_kind kind, const char *subject)
{
	const struct rate_limit *r = &s->rates[kind];
	int64_t wait_us;

	if (r->each_us == 0)
		return ERR_OK;
	struct slot *slot = slot_of(s->rate_table, subject);

	wait_us = take_in_advance(slot) ? 0 : take_shared(s->rate_table, r, slot, subject);
	if (kind == RATE_ACCOUNT || wait_us > 0) {
		s->rate_a_minute = CLOCK_MINUTE_US / r->each_us;
		s->rate_left = wait_us > 0 ? 0 : slot->left + slot->in_advance;
	}
	if (wait_us == 0)
		return ERR_OK;
	limit_note(s, limit_of[kind]);
	s->retry_after_s = (wait_us + CLOCK_SECOND_US - 1) / CLOCK_SECOND_US;
	return ERR_TOO_MANY;
}

static const char *session_subject(struct service *s, const char *jti)
{
	return arena_printf(s->arena, "s:%s", jti);
}

void rate_ask_session(struct service *s, const char *jti)
{
	const struct rate_limit *r = &s->rates[RATE_SESSION];
	const char *subject = session_subject(s, jti);

	if (r->each_us == 0 || !r->ask)
		return;
	const struct slot *slot = slot_of(s->rate_table, subject);

	if (!has_in_advance(slot) && r->ask(r->ctx, subject, r) == ERR_OK)
		s->rate_table->asked = slot->tag;
}

enum err rate_take_session(struct service *s, const char *jti)
{
	return take(s, RATE_SESSION, session_subject(s, jti));
}

enum err rate_take_account(struct service *s, int64_t account_id)
{
	return take(s, RATE_ACCOUNT, arena_printf(s->arena, "i:%lld", (long long)account_id));
}

enum err rate_take_push(struct service *s, int64_t account_id)
{
	return take(s, RATE_PUSH, arena_printf(s->arena, "p:%lld", (long long)account_id));
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
