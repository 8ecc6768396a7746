#include "resources/devices/registry.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/rows.h"
#include "resources/devices/contact.h"

#define ANSWER_MAX ((size_t)1 << 20) /* bytes */

static enum err call(struct redis *redis, struct redis_command command, int64_t until_ms,
	struct arena *arena, struct redis_reply *ret)
{
	const struct redis_bounds bounds = { until_ms, ANSWER_MAX };

	return redis ? redis_call_within(redis, command, &bounds, arena, ret) : ERR_UNAVAILABLE;
}

static struct str key_of(struct arena *arena, const char *aor)
{
	return str_from(arena_printf(arena, "fs:%s", aor));
}

/* What does not parse is left out: one odd contact hides no others. */
static enum err list(
	void *ctx, const char *aor, int64_t until_ms, struct arena *arena, struct rows *ret)
{
	struct redis_reply reply;
	enum err e = call(
		ctx, REDIS_COMMAND(STR("HGETALL"), key_of(arena, aor)), until_ms, arena, &reply);
	int64_t now_s = clock_wall_us() / CLOCK_SECOND_US;

	if (e != ERR_OK)
		return e;
	struct device *devices = arena_alloc(arena, DEVICES_MAX * sizeof(*devices));

	*ret = (struct rows){ .items = devices };
	for (size_t i = 0; reply.type == REDIS_LIST && i + 1 < reply.count && ret->n < DEVICES_MAX;
		i += 2)
		if (contact_parse(reply.items[i].text, reply.items[i + 1].text, now_s, arena,
			    &devices[ret->n]))
			ret->n++;
	return ERR_OK;
}

/* The proxy looks again at an address that is published. */
static void tell(struct redis *redis, const char *aor, int64_t until_ms, struct arena *arena)
{
	struct redis_reply reply;

	if (call(redis, REDIS_COMMAND(STR("PUBLISH"), str_from(aor), STR("")), until_ms, arena,
		    &reply) != ERR_OK)
		log_warn("a device was removed, and the SIP server has not been told");
}

static enum err remove_one(
	void *ctx, const char *aor, const struct device *d, int64_t until_ms, struct arena *arena)
{
	struct redis_reply reply;
	struct str field = str_from(arena_printf(arena, "\"<%s>\"", d->uuid));
	enum err e = call(ctx, REDIS_COMMAND(STR("HDEL"), key_of(arena, aor), field), until_ms,
		arena, &reply);

	if (e == ERR_OK && reply.number == 0)
		return ERR_NOT_FOUND;
	if (e == ERR_OK)
		tell(ctx, aor, until_ms, arena);
	return e;
}

struct device_registry device_registry_in(struct redis *redis)
{
	return (struct device_registry){ .list = list, .remove = remove_one, .ctx = redis };
}

static void publish(void *ctx, const char *json)
{
	struct redis_side *side = ctx;

	if (redis_send(side->redis,
		    REDIS_COMMAND(STR("PUBLISH"), STR("sip:events"), str_from(json))) != ERR_OK)
		log_debug("an event of the SIP server is not told");
}

struct sip_events sip_events_in(struct redis_side *side)
{
	return (struct sip_events){ .publish = publish, .ctx = side };
}
