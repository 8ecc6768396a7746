#include "relay/core/send.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "redis/channel.h"

void send_message(struct core *core, struct str channel, const struct message *m,
	pipeline_reply_fn *fn, void *arg)
{
	struct buf text;

	buf_init(&text, MESSAGE_MAX);
	message_write(&text, m);
	if (text.overflow || pipeline_send(core->commands,
				     REDIS_COMMAND(STR("PUBLISH"), channel, buf_str(&text)), fn,
				     arg) != ERR_OK) {
		if (fn)
			fn(arg, NULL);
	}
	buf_finish(&text);
}

void send_to_relay(struct core *core, const char *relay, const struct message *m,
	pipeline_reply_fn *fn, void *arg)
{
	struct buf name;

	buf_init(&name, CORE_NAME_MAX);
	channel_relay(&name, core->settings->prefix, str_from(relay));
	send_message(core, buf_str(&name), m, fn, arg);
	buf_finish(&name);
}

/* A message that waits for its time. */
struct delayed {
	struct deadline due;
	struct core *core;
	size_t channel_n, n;
	char text[]; /* channel and message */
};

void send_later(struct core *core, struct str channel, const struct message *m)
{
	struct buf text;
	struct delayed *p;

	buf_init(&text, MESSAGE_MAX);
	message_write(&text, m);
	p = mem_alloc(sizeof(*p) + channel.n + text.n);
	p->core = core;
	p->channel_n = channel.n;
	p->n = text.n;
	memcpy(p->text, channel.p, channel.n);
	memcpy(p->text + channel.n, text.p, text.n);
	buf_finish(&text);
	deadline_init(&p->due);
	deadline_set(&p->due, &core->delayed, core_now(core) + core->settings->evict_ms);
}

/* Lost with the connection to Redis: then the receiver stays, which does no harm. */
void send_on_time(struct deadline *d, int64_t now_ms)
{
	struct delayed *p = LIST_ENTRY(d, struct delayed, due);
	struct str channel = { p->text, p->channel_n }, text = { p->text + p->channel_n, p->n };
	enum err e = pipeline_is_up(p->core->commands) ? ERR_OK : ERR_UNAVAILABLE;

	(void)now_ms;
	if (e == ERR_OK)
		e = pipeline_send(p->core->commands, REDIS_COMMAND(STR("PUBLISH"), channel, text),
			NULL, NULL);
	(void)e;
	free(p);
}
