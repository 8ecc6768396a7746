#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "redis/channel.h"
#include "redis/owner.h"
#include "cti_priv.h"

/* One session of a user and client type is in use (cti-api 2.3 and 3.6):
 *
 *   claim --granted--> complete
 *         --refused--> ask the owner; wait for: its ack, its end, or the time --> commit --> complete
 *
 * A login that waits and is overtaken by a third is asked to give way like an owner, and does. */

static void put_key(struct buf *key, const struct cti_client *c, uint8_t ua)
{
	struct arena *arena = arena_new(512);

	buf_init(key, CTI_NAME_MAX);
	channel_owner(key, c->cti->settings->prefix, client_domain(c),
		str_from(client_user(c, arena)), ua_name(ua));
	arena_free(&arena);
}

static struct str relay_of(const struct cti *cti)
{
	return str_from(cti->settings->relay);
}

/* Whether the client still has to hear the question. Those who follow while it is on inherit it; so
 * does the order to give way at its end. */
static bool question_is_new(const struct cti_client *c, const struct message *m)
{
	const struct cti_settings *settings = c->cti->settings;
	int64_t passed;

	if (!c->successor)
		return true;
	passed = cti_now(c->cti) - c->successor->asked_ms;
	if (!m->by_sid)
		return passed >= (int64_t)settings->takeover_ms + settings->evict_ms;
	return !*c->successor->sid || passed >= settings->takeover_ms;
}

static void note_successor(struct cti_client *c, const struct message *m)
{
	if (!c->successor)
		c->successor = mem_alloc(sizeof(*c->successor));
	snprintf(c->successor->relay, sizeof(c->successor->relay), "%s",
		m->by_relay ? m->by_relay : "");
	snprintf(c->successor->sid, sizeof(c->successor->sid), "%s", m->by_sid ? m->by_sid : "");
}

/* A login that is named waits, though the answer that says so may still be on its way. */
static bool login_waits(const struct cti_client *c, const struct message *m)
{
	return c->login && (c->login->claimed || m->sids.n);
}

/* Asked once; whoever asked last is told. */
void takeover_ask(struct cti_client *c, const struct message *m)
{
	bool is_new = question_is_new(c, m);

	if (!c->live && !login_waits(c, m))
		return;
	if (is_new || m->by_sid)
		note_successor(c, m);
	if (!is_new)
		return;
	c->successor->asked_ms = cti_now(c->cti);
	sio_emit(c->sio, 0, "takeOver", STR(""));
	if (!c->live)
		login_abandon(c->login);
}

static bool has_successor(const struct cti_client *c)
{
	return c->successor && *c->successor->sid;
}

static void tell_successor(struct cti_client *c, const char *why)
{
	const char *items[] = { c->successor->sid };
	const struct message m = {
		.kind = MESSAGE_CONTROL, .op = MESSAGE_TAKEN, .sids = { items, 1 }, .why = why
	};

	send_to_relay(c->cti, c->successor->relay, &m, NULL, NULL);
	*c->successor->sid = '\0';
}

void takeover_on_ack(struct cti_client *c)
{
	if (has_successor(c))
		tell_successor(c, "ack");
}

void takeover_leave(struct cti_client *c)
{
	struct buf key, sockets;

	if (has_successor(c))
		tell_successor(c, "gone");
	if (!c->ua)
		return;
	put_key(&key, c, c->ua);
	liveness_put_key(&sockets, c);
	if (pipeline_send(c->cti->commands,
		    REDIS_COMMAND(OWNER_RELEASE(buf_str(&key), buf_str(&sockets), relay_of(c->cti),
			    str_from(c->sio->id), str_from(ua_name(c->ua)))),
		    NULL, NULL) != ERR_OK)
		log_debug("redis is away: an owner is forgotten in its own time");
	buf_finish(&key);
	buf_finish(&sockets);
	c->ua = CTI_UA_NONE;
}

void takeover_refresh(struct cti_client *c)
{
	struct buf key;

	if (!c->ua)
		return;
	put_key(&key, c, c->ua);
	if (pipeline_send(c->cti->commands,
		    REDIS_COMMAND(OWNER_REFRESH(buf_str(&key), relay_of(c->cti),
			    str_from(c->sio->id), str_from(c->jti))),
		    NULL, NULL) != ERR_OK)
		log_debug("redis is away: an owner is refreshed later");
	buf_finish(&key);
}

/* To all sockets of the predecessor's session, on whatever relay. */
static struct message to_predecessor(enum message_op op, const struct cti_login *l)
{
	return (struct message){ .kind = MESSAGE_CONTROL,
		.op = op,
		.jtis = { &l->old_jti, 1 },
		.ua_type = ua_name(l->client->ua) };
}

/* They hear that they are replaced, unless they have heard it while the login waited. */
static void announce_takeover(struct cti_login *l)
{
	const struct message m = to_predecessor(MESSAGE_TAKEOVER, l);

	send_message(l->cti, str_from(l->client->self.channel->name), &m, NULL, NULL);
}

/* They are sent away if they are still there some time later. */
static void evict_predecessor(struct cti_login *l)
{
	struct message m = to_predecessor(MESSAGE_KICK, l);

	m.how = "logout";
	send_later(l->cti, str_from(l->client->self.channel->name), &m);
}

/* A login that waited and is overtaken: 41 comes later, so that it can read the event before. */
static void displace_login(struct cti *cti, struct str relay, struct str sid, struct arena *arena)
{
	const char *items[] = { arena_strndup(arena, sid.p, sid.n) };
	const char *name = arena_strndup(arena, relay.p, relay.n);
	struct message m = {
		.kind = MESSAGE_CONTROL, .op = MESSAGE_TAKEOVER, .sids = { items, 1 }
	};
	struct buf channel;

	send_to_relay(cti, name, &m, NULL, NULL);
	m.op = MESSAGE_KICK;
	m.how = "logout";
	buf_init(&channel, CTI_NAME_MAX);
	channel_relay(&channel, cti->settings->prefix, relay);
	send_later(cti, buf_str(&channel), &m);
	buf_finish(&channel);
}

static void on_commit(void *arg, const struct redis_reply *reply)
{
	struct cti_login *l = arg;

	if (!login_take_answer(l))
		return;
	if (!reply) {
		login_wait_for_redis(l);
	} else if (reply->number == 1) {
		l->cti->counters.takeovers++;
		announce_takeover(l);
		evict_predecessor(l);
		login_complete(l);
	} else if (reply->number == 2) {
		l->claimed = false;
		takeover_claim(l);
	}
	/* Else a third was quicker; its message is on the way. */
}

static void commit_claim(struct cti_login *l)
{
	struct cti_client *c = l->client;
	struct buf key;

	if (l->asked)
		return;
	deadline_clear(&l->timer);
	put_key(&key, c, c->ua);
	l->asked = true;
	if (pipeline_send(l->cti->commands,
		    REDIS_COMMAND(OWNER_COMMIT(buf_str(&key), relay_of(l->cti),
			    str_from(c->sio->id), str_from(l->claims.jti))),
		    on_commit, l) != ERR_OK) {
		l->asked = false;
		login_wait_for_redis(l);
	}
	buf_finish(&key);
}

void takeover_on_wait(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	commit_claim(LIST_ENTRY(d, struct cti_login, timer));
}

void takeover_taken(struct cti_client *c)
{
	if (c->login && c->login->claimed)
		commit_claim(c->login);
}

/* No relay of that name listens: the owner is gone with it. */
static void on_asked(void *arg, const struct redis_reply *reply)
{
	struct cti_ticket *t = arg;
	struct cti_client *c = directory_find(t->cti, t->sid);

	if (reply && reply->number == 0 && c)
		takeover_taken(c);
	free(t);
}

static void ask_owner(struct cti_login *l, const struct owner_claim *claim)
{
	struct cti *cti = l->cti;
	struct cti_client *c = l->client;
	const char *items[] = { arena_strndup(l->arena, claim->sid.p, claim->sid.n) };
	const struct message m = { .kind = MESSAGE_CONTROL,
		.op = MESSAGE_TAKEOVER,
		.sids = { items, 1 },
		.by_relay = cti->settings->relay,
		.by_sid = c->sio->id };

	l->claimed = true;
	l->old_jti = arena_strndup(l->arena, claim->jti.p, claim->jti.n);
	deadline_set(&l->timer, &cti->waits, cti_now(cti) + claim->wait_ms);
	send_to_relay(cti, arena_strndup(l->arena, claim->relay.p, claim->relay.n), &m, on_asked,
		ticket_new(c));
	announce_takeover(l);
}

static void on_claim(void *arg, const struct redis_reply *reply)
{
	struct cti_login *l = arg;
	struct owner_claim claim;

	if (!login_take_answer(l))
		return;
	if (!reply || owner_claim_parse(reply, &claim) != ERR_OK) {
		login_wait_for_redis(l);
		return;
	}
	if (claim.displaced_sid.n)
		displace_login(l->cti, claim.displaced_relay, claim.displaced_sid, l->arena);
	if (claim.granted)
		login_complete(l);
	else
		ask_owner(l, &claim);
}

void takeover_claim(struct cti_login *l)
{
	struct cti_client *c = l->client;
	struct cti *cti = l->cti;
	struct buf key;
	char wait[16];

	if (!c->ua || c->live) {
		login_complete(l);
		return;
	}
	snprintf(wait, sizeof(wait), "%" PRIu32, cti->settings->takeover_ms);
	put_key(&key, c, c->ua);
	l->asked = true;
	if (pipeline_send(cti->commands,
		    REDIS_COMMAND(OWNER_CLAIM(buf_str(&key), relay_of(cti), str_from(c->sio->id),
			    str_from(l->claims.jti), str_from(wait))),
		    on_claim, l) != ERR_OK) {
		l->asked = false;
		login_wait_for_redis(l);
	}
	buf_finish(&key);
}
