#include "api/health.h"

#include "base/clock.h"
#include "pg/pg.h"
#include "redis/redis.h"

#define ARENA_BYTES 512
#define PING_MS     200
#define HOLDS_MS    1000

static bool redis_answers(struct redis *redis)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	bool answers = redis_ping(redis, arena) == ERR_OK;

	arena_free(&arena);
	return answers;
}

static void look(struct health *h)
{
	enum err e = pg_ping(h->pg, PING_MS);

	h->missing = e == ERR_OK ? NULL : e == ERR_INTERNAL ? "schema" : "postgresql";
	h->has_redis = redis_answers(h->redis);
	h->asked_ms = clock_ms();
	h->was_asked = true;
}

const char *health_missing(void *health)
{
	struct health *h = health;

	if (!h->was_asked || clock_ms() - h->asked_ms >= HOLDS_MS)
		look(h);
	return h->missing;
}

static bool has_redis(void *health)
{
	const struct health *h = health;

	return h->has_redis;
}

struct readiness health_readiness(struct health *h)
{
	return (struct readiness){ health_missing, has_redis, h };
}
