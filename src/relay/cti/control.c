#include "control.h"

#include <string.h>

#include "base/log.h"
#include "redis/channel.h"
#include "relay/core/client.h"
#include "relay/core/directory.h"
#include "relay/core/leaving.h"
#include "relay/core/rooms.h"
#include "relay/core/send.h"
#include "claim.h"
#include "cti_priv.h"
#include "liveness.h"
#include "login.h"
#include "lookup_result.h"
#include "takeover.h"

#define QUOTED_MAX 600

static bool is_revoked(const struct cti_client *c, const struct message *m)
{
	if (m->but && c->jti && strcmp(m->but, c->jti) == 0)
		return false;
	return m->all || message_list_has(&m->jtis, c->jti);
}

static bool revoke_client(struct cti_client *c, const struct message *m)
{
	if (!is_revoked(c, m))
		return false;
	c->core->counters.revocations++;
	client_refuse(c, CLOSE_REVOKED);
	return true;
}

static bool rebind_client(struct cti_client *c, const struct message *m)
{
	if (!m->old_jti || !m->new_jti || strlen(m->new_jti) > CLIENT_JTI_MAX || !c->jti ||
		strcmp(c->jti, m->old_jti) != 0)
		return false;
	client_bind(c, m->new_jti, c->expires_at);
	if (c->live)
		client_look(c);
	else if (c->login)
		login_rebind(c->login, m->new_jti);
	return true;
}

static enum close_reason reason_of_kick(const struct message *m)
{
	if (m->why && strcmp(m->why, MESSAGE_WHY_TAKEOVER) == 0)
		return CLOSE_TAKEOVER;
	return m->why && strcmp(m->why, MESSAGE_WHY_CROWD) == 0 ? CLOSE_USER_SOCKETS : CLOSE_KICKED;
}

/* A client that is not logged in yet may be kicked too: it can be a predecessor already. */
static bool kick_client(struct cti_client *c, const struct message *m)
{
	enum close_reason why = reason_of_kick(m);

	if (!client_is_meant(c, m))
		return false;
	c->core->counters.kicks++;
	if (m->how && strcmp(m->how, "transport") == 0)
		client_close(c, SIO_END_RETRY, why);
	else
		client_send_away(c, why);
	return true;
}

static struct str joined_by_spaces(const struct message_list *list, struct arena *arena)
{
	char *text = arena_strdup(arena, "");

	for (size_t i = 0; i < list->n; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? " " : "", list->items[i]);
	return str_from(text);
}

/* The session may have ended as well, so it is looked at now. */
static bool change_permissions(struct cti_client *c, const struct message *m)
{
	struct arena *arena = cti_of(c->core)->arena;
	const struct cti_permissions p = { .rooms = joined_by_spaces(&m->rooms, arena),
		.ext = joined_by_spaces(&m->ext, arena),
		.capabilities =
			lookup_result_capabilities(joined_by_spaces(&m->capabilities, arena)),
		.version = m->pv };

	if (!c->self.channel || (m->pv && m->pv < c->version))
		return false;
	if (rooms_permit(c, &p) != ERR_OK)
		client_close(c, SIO_END_RETRY, CLOSE_PERMISSIONS);
	else
		CORE_TELL(c->core, told, c);
	return true;
}

static bool ask_to_give_way(struct cti_client *c, const struct message *m)
{
	if (!client_is_meant(c, m))
		return false;
	if (takeover_ask(c, m))
		login_abandon(c->login);
	return true;
}

static bool note_taken(struct cti_client *c, const struct message *m)
{
	if (!client_is_meant(c, m))
		return false;
	claim_taken(c);
	return true;
}

static bool answer_roll_call(struct cti_client *c, const struct message *m)
{
	(void)m;
	if (c->live)
		liveness_answer(c);
	return c->live;
}

static bool room_is_named(const struct cti_channel *ch, const struct message_list *rooms)
{
	struct str domain, suffix;

	if (!channel_split(str_from(ch->name), ch->core->settings->prefix, &domain, &suffix) ||
		!str_starts(suffix, "r:"))
		return false;
	for (size_t i = 0; i < rooms->n; i++)
		if (str_is((struct str){ suffix.p + 2, suffix.n - 2 }, rooms->items[i]))
			return true;
	return false;
}

static bool is_in_rooms(const struct cti_client *c, const struct message_list *rooms)
{
	for (size_t i = 0; i < c->room_count; i++)
		if (room_is_named(c->rooms[i].channel, rooms))
			return true;
	return rooms->n == 0;
}

static bool resync_client(struct cti_client *c, const struct message *m)
{
	if (!c->live || !is_in_rooms(c, &m->rooms))
		return false;
	leaving_resync(c);
	return true;
}

/* Operations that concern clients one by one. True: it concerned this one. */
static bool (*const operations[])(struct cti_client *c, const struct message *m) = {
	[MESSAGE_REVOKE] = revoke_client,
	[MESSAGE_REBIND] = rebind_client,
	[MESSAGE_PERM] = change_permissions,
	[MESSAGE_TAKEOVER] = ask_to_give_way,
	[MESSAGE_TAKEN] = note_taken,
	[MESSAGE_KICK] = kick_client,
	[MESSAGE_RESYNC] = resync_client,
	[MESSAGE_ROLL_CALL] = answer_roll_call,
};

/* Another relay asks for a socket that is gone, perhaps with the process that had it. */
static void answer_gone(struct core *core, const struct message *m)
{
	const char *items[] = { m->by_sid };
	const struct message answer = {
		.kind = MESSAGE_CONTROL, .op = MESSAGE_TAKEN, .sids = { items, 1 }, .why = "gone"
	};

	if (m->op == MESSAGE_TAKEOVER && m->by_relay && m->by_sid)
		send_to_relay(core, m->by_relay, &answer, NULL, NULL);
}

static size_t run_for_sids(struct core *core, const struct message *m)
{
	size_t concerned = 0;

	for (size_t i = 0; i < m->sids.n; i++) {
		struct cti_client *c = directory_find(core, m->sids.items[i]);

		if (c)
			concerned += operations[m->op](c, m);
		else
			answer_gone(core, m);
	}
	return concerned;
}

static size_t resync_all(struct core *core, const struct message *m)
{
	size_t concerned = 0;

	LIST_FOR_EACH(c, &core->round, struct cti_client, round)
		concerned += resync_client(c, m);
	return concerned;
}

/* For this relay, not for a user or room. */
static size_t run_for_relay(struct core *core, const struct message *m)
{
	if (m->op == MESSAGE_RESYNC)
		return resync_all(core, m);
	if (operations[m->op])
		return run_for_sids(core, m);
	cti_of(core)->ports->drain(core->ports->arg, m->rate);
	return core->counters.sessions_live;
}

static size_t run_for_members(struct cti_channel *ch, const struct message *m)
{
	size_t concerned = 0;

	LIST_FOR_EACH(member, &ch->members, struct cti_member, link)
		concerned += operations[m->op](member->client, m);
	return concerned;
}

/* How relays and sessions deal with each other is no one's order: it has lines of its own where it matters. */
static enum log_level level_of(enum message_op op)
{
	return op == MESSAGE_TAKEOVER || op == MESSAGE_TAKEN || op == MESSAGE_REBIND ||
			       op == MESSAGE_ROLL_CALL
		       ? LOG_LEVEL_DEBUG
		       : LOG_LEVEL_INFO;
}

static void log_order(const struct message *m, size_t concerned)
{
	char id[QUOTED_MAX], user[QUOTED_MAX];

	log_fields(level_of(m->op), "order", "op=%s id=%s user=%s clients=%zu",
		message_op_name(m->op), m->id ? log_quote(id, sizeof(id), str_from(m->id)) : "-",
		m->user ? log_quote(user, sizeof(user), str_from(m->user)) : "-", concerned);
}

void control_run(struct cti_channel *ch, const struct message *m)
{
	struct core *core = ch->core;
	size_t concerned = ch == core->node || ch == core->everybody ? run_for_relay(core, m)
								     : run_for_members(ch, m);

	if (concerned)
		log_order(m, concerned);
}
