#include "api/api.h"

#include "api_priv.h"
#include "auth/auth.h"
#include "base/counter.h"
#include "base/log.h"
#include "pg/pg.h"
#include "redis/redis.h"
#include "resources.h"
#include "service/limit.h"
#include "service/refusal.h"
#include "service/transaction.h"

#define USER_AGENT_MAX 256 /* bytes */

#define DECLARE(name) extern const struct endpoint name##_endpoints[];
RESOURCE_ENDPOINTS(DECLARE)
#undef DECLARE

#define ENTRY(name) name##_endpoints,
static const struct endpoint *const tables[] = { RESOURCE_ENDPOINTS(ENTRY) };
#undef ENTRY

bool api_add_endpoints(struct router *r, struct buf *why)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (!router_add(r, tables[i], why))
			return false;
	return true;
}

/* As much of it as is stored; never half a character. */
static const char *user_agent(const struct ctx *c)
{
	struct str s = c->request->user_agent;

	if (s.n == 0)
		return NULL;
	if (s.n > USER_AGENT_MAX)
		for (s.n = USER_AGENT_MAX; (s.p[s.n] & 0xc0) == 0x80; s.n--)
			;
	return arena_strndup(c->arena, s.p, s.n);
}

static bool is_opaque(struct str origin)
{
	return str_is(origin, "null") || str_starts(origin, "file://");
}

static void prepare_service(struct ctx *c)
{
	struct service *s = &api_of(c)->service;

	counter_set(&api_of(c)->figures->busy, 1);
	board_note_at(api_of(c)->board, api_of(c)->place, c->request->id, c->endpoint);
	s->arena = c->arena;
	s->errors = &c->errors;
	s->changes = &c->changes;
	s->refusal = NULL;
	s->retry_after_s = 0;
	s->rate_a_minute = 0;
	s->trail = NULL;
	s->about = (struct audit_about){ 0 };
	api_of(c)->pg_before = pg_exchanges(s->pg);
	api_of(c)->redis_before = redis_exchanges(api_of(c)->redis);
	s->client = (struct client){ .ip = c->request->remote_addr.p,
		.user_agent = user_agent(c),
		.origin_is_opaque = is_opaque(c->request->origin) };
}

static void start(struct ctx *c)
{
	c->service = &api_of(c)->service;
	c->caller = arena_alloc(c->arena, sizeof(struct caller));
	prepare_service(c);
}

static void take_up(struct ctx *c)
{
	/* Else no other had its turn since it was begun. */
	if (c->service->errors != &c->errors)
		prepare_service(c);
}

/* Some may have nothing to ask: a token that is none, or a list of spaces that has to be read first. */
static void ask_ahead(void *app)
{
	const struct api *a = app;
	const size_t asked = pg_ahead_ask(a->service.pg);

	if (asked > 1)
		board_note_together(a->board, a->place, asked);
}

static void forget_ahead(void *app)
{
	pg_ahead_forget(((struct api *)app)->service.pg);
}

static enum err enter(struct ctx *c)
{
	enum err e = cors_apply(c);

	if (e == ERR_OK && !c->answered)
		e = deprecated_enter(c);
	alias_enter(c->request);
	return e;
}

/* Accounts-api 1.6. What other workers hold of the bucket counts as used. */
static void tell_rate(struct ctx *c)
{
	const struct service *s = c->service;

	if (s->rate_a_minute == 0 || c->endpoint->family != FAMILY_ACCOUNTS)
		return;
	reply_header(c, "X-RateLimit-Limit",
		arena_printf(c->arena, "%lld", (long long)s->rate_a_minute));
	reply_header(c, "X-RateLimit-Remaining",
		arena_printf(c->arena, "%lld", (long long)s->rate_left));
}

static enum err gate(struct ctx *c)
{
	enum err e;

	board_note_at(api_of(c)->board, api_of(c)->place, c->request->id, c->endpoint);
	e = auth_pass(c);
	tell_rate(c);
	if (e != ERR_OK)
		return e;
	if (c->endpoint->flags & ROW_TELLS_HOST)
		c->public_host = links_host(c);
	if (c->endpoint->flags & ROW_TELLS_URL)
		c->site_url = links_site(c);
	if (endpoint_result(c->endpoint) == RESULT_PAGE)
		c->base_url = links_base(c);
	if (endpoint_leaves_trail(c->endpoint)) {
		c->service->trail = trail_fill;
		c->service->trail_ctx = c;
	}
	return ERR_OK;
}

static const struct refusal *refusal(const struct ctx *c, enum err e)
{
	return refusal_of(c->service, e);
}

/* A clock that is set back makes no figure smaller. */
static uint64_t not_negative(int64_t us)
{
	return us > 0 ? (uint64_t)us : 0;
}

static void leave(struct ctx *c, int64_t us, int64_t spent_us)
{
	const struct api *a = c->app;

	board_note(a->board, a->place, c->endpoint, c->reply.status, not_negative(us),
		not_negative(spent_us));
	counter_set(&a->figures->busy, 0);
	board_note_turn(a->board, a->place);
	if (c->reply.status == limit_rows[LIMIT_BODY_SIZE].status)
		limit_note(c->service, LIMIT_BODY_SIZE);
	if (c->reply.status == limit_reached.status && c->service->refusal == &limit_reached)
		limit_note(c->service, LIMIT_STORED);
	deprecated_count(c);
}

static int64_t retry_after(const struct ctx *c)
{
	return c->service->retry_after_s;
}

struct handling {
	struct ctx *c;
	enum err (*fn)(struct ctx *c);
};

static enum err handle(struct service *s, void *arg)
{
	const struct handling *h = arg;

	/* A HEAD is undone. */
	if (h->c->endpoint->flags & ROW_AT_ONCE && h->c->request->method != METHOD_HEAD)
		pg_commit_with_next(s->pg);
	return h->fn(h->c);
}

static enum err transaction(struct ctx *c, enum err (*fn)(struct ctx *c))
{
	return service_change(c->service, handle, &(struct handling){ c, fn });
}

static const char *method_text(enum identity_method m)
{
	return m == IDENTITY_KEY           ? "key"
	       : m == IDENTITY_JWT         ? "jwt"
	       : m == IDENTITY_HMAC        ? "legacy"
	       : m == IDENTITY_CERTIFICATE ? "certificate"
					   : "digest";
}

static void add_who(const struct ctx *c)
{
	const struct identity *who = &c->caller->identity;
	const struct api *a = c->app;

	log_line_int("pg", (int64_t)(pg_exchanges(a->service.pg) - a->pg_before));
	log_line_int("redis", (int64_t)(redis_exchanges(a->redis) - a->redis_before));
	if (who->method == IDENTITY_NONE) {
		log_line_str("account", STR("-"));
		return;
	}
	log_line_int("account", who->account_id);
	log_line_str("auth", str_from(method_text(who->method)));
}

struct dispatch api_dispatch(struct api *a, const struct router *r)
{
	return (struct dispatch){ .router = r,
		.app = a,
		.body = &a->body,
		.start = start,
		.take_up = take_up,
		.enter = enter,
		.leave = leave,
		.gate = gate,
		.is_for_all = auth_is_for_all,
		.can_be_ahead = auth_can_be_ahead,
		.ahead = auth_ahead,
		.ask_ahead = ask_ahead,
		.forget_ahead = forget_ahead,
		.challenge = auth_challenge,
		.refusal = refusal,
		.retry_after = retry_after,
		.transaction = transaction,
		.add_who = add_who };
}
