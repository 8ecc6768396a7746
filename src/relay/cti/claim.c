#include "claim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "redis/channel.h"
#include "redis/owner.h"
#include "relay/core/client.h"
#include "relay/core/directory.h"
#include "relay/core/send.h"
#include "cti_priv.h"
#include "takeover.h"
#include "ticket.h"

static void start_waiting(struct claim *claim, int64_t ms)
{
	struct cti_client *c = claim->client;

	claim->waits = true;
	takeover_of(c)->claim = claim;
	deadline_set(&claim->wait, &cti_of(c->core)->waits, core_now(c->core) + ms);
}

/* What a client never asked to give way needs no more. */
static void stop_waiting(struct claim *claim)
{
	struct cti_client *c = claim->client;

	deadline_clear(&claim->wait);
	if (!claim->waits)
		return;
	claim->waits = false;
	c->takeover->claim = NULL;
	if (c->takeover->asked_ms)
		return;
	free(c->takeover);
	c->takeover = NULL;
}

static void grant(struct claim *claim)
{
	stop_waiting(claim);
	claim->granted(claim);
}

static void try_again(struct claim *claim)
{
	stop_waiting(claim);
	claim->again(claim);
}

bool claim_drop(struct claim *claim)
{
	stop_waiting(claim);
	claim->client = NULL;
	return !claim->asked;
}

/* False: there is no client to be told. */
static bool take_answer(struct claim *claim)
{
	claim->asked = false;
	if (claim->client)
		return true;
	claim->again(claim);
	return false;
}

/* A login that waited and is overtaken: 41 comes later, so that it can read the event before. */
static void displace_login(struct core *core, struct str relay, struct str sid, struct arena *arena)
{
	const char *items[] = { arena_strndup(arena, sid.p, sid.n) };
	const char *name = arena_strndup(arena, relay.p, relay.n);
	struct message m = {
		.kind = MESSAGE_CONTROL, .op = MESSAGE_TAKEOVER, .sids = { items, 1 }
	};
	struct buf channel;

	send_to_relay(core, name, &m, NULL, NULL);
	m.op = MESSAGE_KICK;
	m.how = "logout";
	m.why = MESSAGE_WHY_TAKEOVER;
	buf_init(&channel, CORE_NAME_MAX);
	channel_relay(&channel, core->settings->prefix, relay);
	send_later(core, buf_str(&channel), &m);
	buf_finish(&channel);
}

/* The command of a claim is on its way, or the claim begins again. */
static void ask_redis(struct claim *claim, struct redis_command command, pipeline_reply_fn *fn)
{
	claim->asked = true;
	if (pipeline_send(claim->client->core->commands, command, fn, claim) == ERR_OK)
		return;
	claim->asked = false;
	try_again(claim);
}

static void on_commit(void *arg, const struct redis_reply *reply)
{
	struct claim *claim = arg;

	if (!take_answer(claim))
		return;
	if (!reply) {
		try_again(claim);
	} else if (reply->number == 1) {
		claim->client->core->counters.takeovers++;
		session_line_takeover(claim->client, &claim->old);
		predecessor_evict(claim->client, &claim->old);
		grant(claim);
	} else if (reply->number == 2) {
		stop_waiting(claim);
		claim_begin(claim);
	}
	/* Else a third was quicker; its message is on the way. */
}

static void commit_claim(struct claim *claim)
{
	struct cti_client *c = claim->client;
	struct buf key;

	if (claim->asked)
		return;
	deadline_clear(&claim->wait);
	takeover_put_key(&key, c);
	ask_redis(claim,
		REDIS_COMMAND(OWNER_COMMIT(buf_str(&key), core_relay(c->core), str_from(c->sio->id),
			str_from(claim->jti))),
		on_commit);
	buf_finish(&key);
}

void claim_on_wait(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	commit_claim(LIST_ENTRY(d, struct claim, wait));
}

void claim_taken(struct cti_client *c)
{
	if (c->takeover && c->takeover->claim)
		commit_claim(c->takeover->claim);
}

/* No relay of that name listens: the owner is gone with it. */
static void on_asked(void *arg, const struct redis_reply *reply)
{
	struct ticket *t = arg;
	struct cti_client *c = directory_find(t->core, t->sid);

	if (reply && reply->number == 0 && c)
		claim_taken(c);
	free(t);
}

static void ask_owner(struct claim *claim, const struct owner_claim *owner)
{
	struct cti_client *c = claim->client;
	struct arena *arena = claim->arena;
	const struct message m = { .kind = MESSAGE_CONTROL,
		.op = MESSAGE_TAKEOVER,
		.sids = { &claim->old.sid, 1 },
		.by_relay = c->core->settings->relay,
		.by_sid = c->sio->id };

	claim->old.jti = arena_strndup(arena, owner->jti.p, owner->jti.n);
	claim->old.relay = arena_strndup(arena, owner->relay.p, owner->relay.n);
	claim->old.sid = arena_strndup(arena, owner->sid.p, owner->sid.n);
	start_waiting(claim, owner->wait_ms);
	send_to_relay(c->core, claim->old.relay, &m, on_asked, ticket_new(c));
	predecessor_tell(c, &claim->old);
}

static void on_claim(void *arg, const struct redis_reply *reply)
{
	struct claim *claim = arg;
	struct owner_claim owner;

	if (!take_answer(claim))
		return;
	if (!reply || owner_claim_parse(reply, &owner) != ERR_OK) {
		try_again(claim);
		return;
	}
	if (owner.displaced_sid.n)
		displace_login(claim->client->core, owner.displaced_relay, owner.displaced_sid,
			claim->arena);
	if (owner.granted)
		grant(claim);
	else
		ask_owner(claim, &owner);
}

void claim_begin(struct claim *claim)
{
	struct cti_client *c = claim->client;
	struct buf key;
	char wait[16];

	if (!c->ua || c->live) {
		claim->granted(claim);
		return;
	}
	snprintf(wait, sizeof(wait), "%" PRIu32, cti_of(c->core)->settings->takeover_ms);
	takeover_put_key(&key, c);
	ask_redis(claim,
		REDIS_COMMAND(OWNER_CLAIM(buf_str(&key), core_relay(c->core), str_from(c->sio->id),
			str_from(claim->jti), str_from(wait))),
		on_claim);
	buf_finish(&key);
}
