#include "predecessor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "redis/channel.h"
#include "relay/core/client.h"
#include "relay/core/send.h"
#include "cti_priv.h"
#include "liveness.h"

#define RELAY_SIZE 16

/* What is to be told when Redis has answered; the login may be over by then. */
struct notice {
	struct core *core;
	char jti[CLIENT_JTI_MAX + 1];
	char relay[RELAY_SIZE], sid[SIO_ID_SIZE]; /* the owner, told even when it is not listed */
	const char *ua;
	bool evict;
};

static void send_away_later(struct core *core, const char *relay, const struct message *m)
{
	struct buf channel;

	buf_init(&channel, CORE_NAME_MAX);
	channel_relay(&channel, core->settings->prefix, str_from(relay));
	send_later(core, buf_str(&channel), m);
	buf_finish(&channel);
}

static void tell_socket(const struct notice *n, const char *relay, const char *sid)
{
	const char *sids[] = { sid }, *jtis[] = { n->jti };
	struct message m = { .kind = MESSAGE_CONTROL,
		.op = MESSAGE_TAKEOVER,
		.sids = { sids, 1 },
		.jtis = { jtis, 1 },
		.ua_type = n->ua };

	send_to_relay(n->core, relay, &m, NULL, NULL);
	if (!n->evict)
		return;
	m.op = MESSAGE_KICK;
	m.how = "logout";
	m.why = MESSAGE_WHY_TAKEOVER;
	send_away_later(n->core, relay, &m);
}

/* entry: "relay ua jti since ip seen". */
static void tell_listed(const struct notice *n, struct str sid, struct str entry)
{
	struct arena *arena = arena_new(256);
	struct str relay = str_split(&entry, ' '), ua = str_split(&entry, ' ');

	if (str_is(ua, n->ua) && str_is(str_split(&entry, ' '), n->jti) && !str_is(sid, n->sid))
		tell_socket(n, arena_strndup(arena, relay.p, relay.n),
			arena_strndup(arena, sid.p, sid.n));
	arena_free(&arena);
}

static void on_sockets(void *arg, const struct redis_reply *reply)
{
	struct notice *n = arg;

	tell_socket(n, n->relay, n->sid);
	if (reply && reply->type == REDIS_LIST)
		for (size_t i = 0; i + 1 < reply->count; i += 2)
			tell_listed(n, reply->items[i].text, reply->items[i + 1].text);
	free(n);
}

static void tell_all(const struct cti_client *c, const struct predecessor *old, bool evict)
{
	struct notice *n = mem_alloc(sizeof(*n));
	struct buf key;

	n->core = c->core;
	n->ua = ua_name(c->ua);
	n->evict = evict;
	snprintf(n->jti, sizeof(n->jti), "%s", old->jti);
	snprintf(n->relay, sizeof(n->relay), "%s", old->relay);
	snprintf(n->sid, sizeof(n->sid), "%s", old->sid);
	liveness_put_key(&key, c);
	if (pipeline_send(c->core->commands, REDIS_COMMAND(STR("HGETALL"), buf_str(&key)),
		    on_sockets, n) != ERR_OK)
		on_sockets(n, NULL);
	buf_finish(&key);
}

void predecessor_tell(const struct cti_client *c, const struct predecessor *old)
{
	tell_all(c, old, false);
}

void predecessor_evict(const struct cti_client *c, const struct predecessor *old)
{
	tell_all(c, old, true);
}
