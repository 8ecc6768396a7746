#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "redis/channel.h"
#include "cti_priv.h"

void post_send(struct cti *c, struct str channel, const struct message *m, pipeline_reply_fn *fn,
	void *arg)
{
	struct buf text;

	buf_init(&text, MESSAGE_MAX);
	message_write(&text, m);
	if (text.overflow ||
		pipeline_send(c->commands, REDIS_COMMAND(STR("PUBLISH"), channel, buf_str(&text)),
			fn, arg) != ERR_OK) {
		if (fn)
			fn(arg, NULL);
	}
	buf_finish(&text);
}

void post_to_relay(
	struct cti *c, const char *relay, const struct message *m, pipeline_reply_fn *fn, void *arg)
{
	struct buf name;

	buf_init(&name, CTI_NAME_MAX);
	channel_relay(&name, c->settings->prefix, str_from(relay));
	post_send(c, buf_str(&name), m, fn, arg);
	buf_finish(&name);
}

/* A message that waits for its time. */
struct post {
	struct deadline due;
	struct cti *cti;
	size_t channel_n, n;
	char text[]; /* channel and message */
};

void post_later(struct cti *c, struct str channel, const struct message *m)
{
	struct buf text;
	struct post *p;

	buf_init(&text, MESSAGE_MAX);
	message_write(&text, m);
	p = mem_alloc(sizeof(*p) + channel.n + text.n);
	p->cti = c;
	p->channel_n = channel.n;
	p->n = text.n;
	memcpy(p->text, channel.p, channel.n);
	memcpy(p->text + channel.n, text.p, text.n);
	buf_finish(&text);
	deadline_init(&p->due);
	deadline_set(&p->due, &c->posts, cti_now(c) + c->settings->evict_ms);
}

/* Lost with the connection to Redis: then the receiver stays, which harms nobody. */
void post_on_time(struct deadline *d, int64_t now_ms)
{
	struct post *p = LIST_ENTRY(d, struct post, due);
	struct str channel = { p->text, p->channel_n }, text = { p->text + p->channel_n, p->n };
	enum err e = pipeline_is_up(p->cti->commands) ? ERR_OK : ERR_UNAVAILABLE;

	(void)now_ms;
	if (e == ERR_OK)
		e = pipeline_send(
			p->cti->commands, REDIS_COMMAND(STR("PUBLISH"), channel, text), NULL, NULL);
	(void)e;
	free(p);
}
