#include "bus/wake.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "bus/channel.h"
#include "bus_priv.h"

#define NAME_MAX_BYTES 256
#define REPLY_BLOCK    512

struct wake {
	struct redis *redis;
	const char *prefix;
	bool subscribed;
};

/* One command with the name of the channel behind it. */
static enum err call_on_channel(struct redis *r, const char *prefix, struct str verb, bool content)
{
	struct arena *arena = arena_new(REPLY_BLOCK);
	struct redis_reply reply;
	struct buf name;
	enum err e;

	buf_init(&name, NAME_MAX_BYTES);
	channel_wake(&name, prefix);
	const struct str args[] = { verb, buf_str(&name), STR("") };

	e = redis_call(r, (struct redis_command){ args, content ? 3 : 2 }, arena, &reply);
	buf_finish(&name);
	arena_free(&arena);
	return e;
}

enum err wake_send(struct redis *r, const char *prefix)
{
	return call_on_channel(r, prefix, STR("PUBLISH"), true);
}

struct wake *wake_new(const struct redis_address *address, const char *prefix)
{
	struct wake *w = mem_alloc(sizeof(*w));

	w->redis = redis_new(address, 0);
	w->prefix = prefix;
	return w;
}

void wake_free(struct wake **w)
{
	if (!*w)
		return;
	redis_free(&(*w)->redis);
	free(*w);
	*w = NULL;
}

int wake_fd(struct wake *w)
{
	if (!w->subscribed)
		w->subscribed =
			call_on_channel(w->redis, w->prefix, STR("SUBSCRIBE"), false) == ERR_OK;
	return w->subscribed ? redis_fd(w->redis) : -1;
}

/* What the messages say is known; only whether any came matters. */
void wake_clear(struct wake *w)
{
	char bytes[1024];
	ssize_t n = 1;

	while (w->subscribed && n > 0)
		n = recv(redis_fd(w->redis), bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		redis_drop(w->redis);
		w->subscribed = false;
	}
}
