#include "takeover.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "redis/channel.h"
#include "redis/owner.h"
#include "relay/core/client.h"
#include "relay/core/send.h"
#include "cti_priv.h"
#include "liveness.h"

void takeover_put_key(struct buf *key, const struct cti_client *c)
{
	struct arena *arena = arena_new(512);

	buf_init(key, CORE_NAME_MAX);
	channel_owner(key, c->core->settings->prefix, client_domain(c),
		str_from(client_user(c, arena)), ua_name(c->ua));
	arena_free(&arena);
}

/* Whether the client still has to hear the question. Those who follow while it is on inherit it; so
 * does the order to give way at its end. */
static bool question_is_new(const struct cti_client *c, const struct message *m)
{
	const struct cti_settings *settings = cti_of(c->core)->settings;
	int64_t passed;

	if (!c->takeover || !c->takeover->asked_ms)
		return true;
	passed = core_now(c->core) - c->takeover->asked_ms;
	if (!m->by_sid)
		return passed >= (int64_t)settings->takeover_ms + settings->core.evict_ms;
	return !*c->takeover->sid || passed >= settings->takeover_ms;
}

struct cti_takeover *takeover_of(struct cti_client *c)
{
	if (!c->takeover)
		c->takeover = mem_alloc(sizeof(*c->takeover));
	return c->takeover;
}

static void note_successor(struct cti_client *c, const struct message *m)
{
	struct cti_takeover *t = takeover_of(c);

	snprintf(t->relay, sizeof(t->relay), "%s", m->by_relay ? m->by_relay : "");
	snprintf(t->sid, sizeof(t->sid), "%s", m->by_sid ? m->by_sid : "");
}

/* A login that is named waits, though the answer that says so may still be on its way. */
static bool login_waits(const struct cti_client *c, const struct message *m)
{
	return c->login && ((c->takeover && c->takeover->claim) || m->sids.n);
}

/* Asked once; the last to ask is told. */
bool takeover_ask(struct cti_client *c, const struct message *m)
{
	bool is_new = question_is_new(c, m);

	if (!c->live && !login_waits(c, m))
		return false;
	if (is_new || m->by_sid)
		note_successor(c, m);
	if (!is_new)
		return false;
	c->takeover->asked_ms = core_now(c->core);
	sio_emit(c->sio, 0, "takeOver", STR(""));
	return !c->live;
}

static bool has_successor(const struct cti_client *c)
{
	return c->takeover && *c->takeover->sid;
}

static void tell_successor(struct cti_client *c, const char *why)
{
	const char *items[] = { c->takeover->sid };
	const struct message m = {
		.kind = MESSAGE_CONTROL, .op = MESSAGE_TAKEN, .sids = { items, 1 }, .why = why
	};

	send_to_relay(c->core, c->takeover->relay, &m, NULL, NULL);
	*c->takeover->sid = '\0';
}

void takeover_on_ack(struct cti_client *c)
{
	if (has_successor(c))
		tell_successor(c, "ack");
}

static void release_ownership(struct cti_client *c)
{
	struct buf key, sockets;

	if (has_successor(c))
		tell_successor(c, "gone");
	if (!c->ua)
		return;
	takeover_put_key(&key, c);
	liveness_put_key(&sockets, c);
	if (pipeline_send(c->core->commands,
		    REDIS_COMMAND(OWNER_RELEASE(buf_str(&key), buf_str(&sockets),
			    core_relay(c->core), str_from(c->sio->id), str_from(ua_name(c->ua)))),
		    NULL, NULL) != ERR_OK)
		log_debug("redis is away: an owner is forgotten in its own time");
	buf_finish(&key);
	buf_finish(&sockets);
	c->ua = CTI_UA_NONE;
}

static void refresh_ownership(struct cti_client *c)
{
	struct buf key;

	if (!c->ua)
		return;
	takeover_put_key(&key, c);
	if (pipeline_send(c->core->commands,
		    REDIS_COMMAND(OWNER_REFRESH(buf_str(&key), core_relay(c->core),
			    str_from(c->sio->id), str_from(c->jti))),
		    NULL, NULL) != ERR_OK)
		log_debug("redis is away: an owner is refreshed later");
	buf_finish(&key);
}

static void on_live(struct cti_client *c, bool first)
{
	if (!first)
		refresh_ownership(c);
}

static void on_retiring(struct cti_client *c)
{
	if (c->self.channel && (c->ua || c->live))
		release_ownership(c);
}

static void on_gone(struct cti_client *c)
{
	free(c->takeover);
}

const struct core_listener takeover_listener = {
	.live = on_live,
	.look = refresh_ownership,
	.retiring = on_retiring,
	.gone = on_gone,
};
