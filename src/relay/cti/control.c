#include "control.h"

#include <string.h>

#include "redis/channel.h"
#include "relay/core/client.h"
#include "relay/core/directory.h"
#include "relay/core/leaving.h"
#include "relay/core/rooms.h"
#include "relay/core/send.h"
#include "claim.h"
#include "cti_priv.h"
#include "login.h"
#include "lookup_result.h"
#include "takeover.h"

static bool is_revoked(const struct cti_client *c, const struct message *m)
{
	if (m->but && c->jti && strcmp(m->but, c->jti) == 0)
		return false;
	return m->all || message_list_has(&m->jtis, c->jti);
}

static void revoke_client(struct cti_client *c, const struct message *m)
{
	if (!is_revoked(c, m))
		return;
	c->core->counters.revocations++;
	client_refuse(c);
}

static void rebind_client(struct cti_client *c, const struct message *m)
{
	if (!m->old_jti || !m->new_jti || strlen(m->new_jti) > CLIENT_JTI_MAX || !c->jti ||
		strcmp(c->jti, m->old_jti) != 0)
		return;
	client_bind(c, m->new_jti, c->expires_at);
	if (c->live)
		client_look(c);
	else if (c->login)
		login_rebind(c->login, m->new_jti);
}

/* A client that is not logged in yet may be kicked too: it can be a predecessor already. */
static void kick_client(struct cti_client *c, const struct message *m)
{
	if (!client_is_meant(c, m))
		return;
	c->core->counters.kicks++;
	if (m->how && strcmp(m->how, "transport") == 0)
		client_close(c, SIO_END_RETRY);
	else
		client_send_away(c);
}

static struct str joined_by_spaces(const struct message_list *list, struct arena *arena)
{
	char *text = arena_strdup(arena, "");

	for (size_t i = 0; i < list->n; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? " " : "", list->items[i]);
	return str_from(text);
}

/* The session may have ended as well, so it is looked at now. */
static void change_permissions(struct cti_client *c, const struct message *m)
{
	struct arena *arena = cti_of(c->core)->arena;
	const struct cti_permissions p = { .rooms = joined_by_spaces(&m->rooms, arena),
		.ext = joined_by_spaces(&m->ext, arena),
		.capabilities =
			lookup_result_capabilities(joined_by_spaces(&m->capabilities, arena)),
		.version = m->pv };

	if (!c->self.channel || (m->pv && m->pv < c->version))
		return;
	if (rooms_permit(c, &p) != ERR_OK)
		client_close(c, SIO_END_RETRY);
	else
		CORE_TELL(c->core, told, c);
}

static void ask_to_give_way(struct cti_client *c, const struct message *m)
{
	if (client_is_meant(c, m) && takeover_ask(c, m))
		login_abandon(c->login);
}

static void note_taken(struct cti_client *c, const struct message *m)
{
	if (client_is_meant(c, m))
		claim_taken(c);
}

/* Operations that concern clients one by one. */
static void (*const operations[])(struct cti_client *c, const struct message *m) = {
	[MESSAGE_REVOKE] = revoke_client,
	[MESSAGE_REBIND] = rebind_client,
	[MESSAGE_PERM] = change_permissions,
	[MESSAGE_TAKEOVER] = ask_to_give_way,
	[MESSAGE_TAKEN] = note_taken,
	[MESSAGE_KICK] = kick_client,
	[MESSAGE_RESYNC] = NULL,
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

static void run_for_sids(struct core *core, const struct message *m)
{
	for (size_t i = 0; i < m->sids.n; i++) {
		struct cti_client *c = directory_find(core, m->sids.items[i]);

		if (c)
			operations[m->op](c, m);
		else
			answer_gone(core, m);
	}
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

static void resync_members(struct cti_channel *ch, const struct message *m)
{
	LIST_FOR_EACH(member, &ch->members, struct cti_member, link)
		if (member->client->live && is_in_rooms(member->client, &m->rooms))
			leaving_resync(member->client);
}

static void resync_all(struct core *core, const struct message *m)
{
	LIST_FOR_EACH(c, &core->round, struct cti_client, round)
		if (is_in_rooms(c, &m->rooms))
			leaving_resync(c);
}

/* For this relay, not for a user or room. */
static void run_for_relay(struct core *core, const struct message *m)
{
	if (m->op == MESSAGE_DRAIN)
		cti_of(core)->ports->drain(core->ports->arg, m->rate);
	else if (m->op == MESSAGE_RESYNC)
		resync_all(core, m);
	else if (operations[m->op])
		run_for_sids(core, m);
}

void control_run(struct cti_channel *ch, const struct message *m)
{
	struct core *core = ch->core;

	if (ch == core->node || ch == core->everybody)
		run_for_relay(core, m);
	else if (m->op == MESSAGE_RESYNC)
		resync_members(ch, m);
	else
		LIST_FOR_EACH(member, &ch->members, struct cti_member, link)
			operations[m->op](member->client, m);
}
