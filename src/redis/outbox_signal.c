#include "redis/outbox_signal.h"

#include <stdlib.h>

#include "base/mem.h"
#include "redis/channel.h"
#include "base/log.h"
#include "redis/side.h"
#include "redis_priv.h"

#define NAME_MAX_BYTES 256
#define REPLY_BLOCK    512

struct outbox_signal {
	struct redis *redis;
	const char *prefix;
	bool subscribed;
};

static enum err subscribe(struct redis *r, const char *prefix)
{
	struct arena *arena = arena_new(REPLY_BLOCK);
	struct redis_reply reply;
	struct buf name;
	enum err e;

	buf_init(&name, NAME_MAX_BYTES);
	channel_wake(&name, prefix);
	e = redis_call(r, REDIS_COMMAND(STR("SUBSCRIBE"), buf_str(&name)), arena, &reply);
	buf_finish(&name);
	arena_free(&arena);
	return e;
}

enum err outbox_signal_send(struct redis *r, const char *prefix)
{
	struct buf name;
	enum err e;

	buf_init(&name, NAME_MAX_BYTES);
	channel_wake(&name, prefix);
	e = redis_send(r, REDIS_COMMAND(STR("PUBLISH"), buf_str(&name), STR("")));
	buf_finish(&name);
	return e;
}

struct outbox_signal *outbox_signal_new(const struct redis_address *address, const char *prefix)
{
	struct outbox_signal *w = mem_alloc(sizeof(*w));

	w->redis = redis_new(address, 0);
	w->prefix = prefix;
	return w;
}

void outbox_signal_free(struct outbox_signal **w)
{
	if (!*w)
		return;
	redis_free(&(*w)->redis);
	free(*w);
	*w = NULL;
}

int outbox_signal_fd(struct outbox_signal *w)
{
	if (!w->subscribed)
		w->subscribed = subscribe(w->redis, w->prefix) == ERR_OK;
	return w->subscribed ? redis_fd(w->redis) : -1;
}

/* What the messages say is known; only whether any came matters. */
void outbox_signal_clear(struct outbox_signal *w)
{
	if (!w->subscribed || redis_discard(w->redis))
		return;
	redis_drop(w->redis);
	w->subscribed = false;
}

void outbox_signal_wake(void *ctx)
{
	struct redis_side *side = ctx;

	/* Only a wake-up: dialtone-jobs looks by itself soon. */
	if (outbox_signal_send(side->redis, side->prefix) != ERR_OK)
		log_debug("dialtone-jobs is not woken");
}
