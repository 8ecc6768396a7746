/*
 * Telling Flexisip's B2BUA, which listens in a Redis of its own, that an account at another provider changed
 * (sip-integration 2.1).  The payload is what it is told.
 */
#include "base/clock.h"
#include "delivery/backend.h"
#include "redis/redis.h"

#define CHANNEL    STR("flexisip/B2BUA/account")
#define STEP_MS    200 /* other jobs wait meanwhile */
#define CALL_MS    500
#define ANSWER_MAX 65536

static bool is_set_up(const struct delivery_settings *settings)
{
	return *settings->b2bua_redis != '\0';
}

/* One after the other: what is told last is what counts. */
static struct backend_limits limits(const struct delivery_settings *settings)
{
	(void)settings;
	return (struct backend_limits){ .at_once = 1, .space_at_once = 1, .setting = "" };
}

static enum err publish(struct redis *redis, const char *payload, struct arena *arena)
{
	const struct redis_bounds bounds = { clock_ms() + CALL_MS, ANSWER_MAX };
	struct redis_reply reply;

	return redis_call_within(redis, REDIS_COMMAND(STR("PUBLISH"), CHANNEL, str_from(payload)),
		&bounds, arena, &reply);
}

static void start(struct attempt *a)
{
	struct arena *arena = a->service.arena;
	struct redis_address address;
	struct redis *redis;
	enum err e = redis_address_parse(a->settings->b2bua_redis, arena, &address);

	if (e == ERR_OK) {
		redis = redis_new(&address, STEP_MS);
		e = publish(redis, a->job.payload, arena);
		redis_free(&redis);
	}
	if (e == ERR_OK)
		attempt_done(a);
	else
		attempt_later(a, 0, "The Redis of Flexisip's B2BUA does not take it.");
}

static const struct text *test_to(struct str to)
{
	return to.n && to.n <= 64 && str_is_made_of(to, "0123456789") ? NULL : &text_format;
}

static struct job test_job(struct arena *arena, const char *to)
{
	return (struct job){ .kind = "flexisip.external_account",
		.payload = arena_printf(arena,
			"{\"identifier\":\"%s\",\"username\":\"test\",\"domain\":\"test.invalid\"}",
			to) };
}

extern const struct backend flexisip_backend;
const struct backend flexisip_backend = { .name = "flexisip",
	.is_set_up = is_set_up,
	.limits = limits,
	.start = start,
	.test_to = test_to,
	.test_job = test_job };
