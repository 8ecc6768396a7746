#include <string.h>

#include "redis/channel.h"
#include "cti_priv.h"

static bool is_revoked(const struct cti_session *s, const struct message *m)
{
	if (m->but && s->jti && strcmp(m->but, s->jti) == 0)
		return false;
	return m->all || message_list_has(&m->jtis, s->jti);
}

static void revoke(struct cti_session *s, const struct message *m)
{
	if (!is_revoked(s, m))
		return;
	s->cti->counters.revocations++;
	session_refuse(s);
}

static void rebind(struct cti_session *s, const struct message *m)
{
	if (!m->old_jti || !m->new_jti || strlen(m->new_jti) > CTI_JTI_MAX || !s->jti ||
		strcmp(s->jti, m->old_jti) != 0)
		return;
	session_bind(s, m->new_jti, s->expires_at);
	if (s->live)
		roster_look(s);
	else if (s->login)
		login_rebind(s->login, m->new_jti);
}

/* A socket that has become somebody's predecessor and is not logged in yet may be kicked too. */
static void kick(struct cti_session *s, const struct message *m)
{
	if (!session_is_meant(s, m))
		return;
	s->cti->counters.kicks++;
	if (m->how && strcmp(m->how, "transport") == 0)
		session_close(s, SIO_END_RETRY);
	else
		session_send_away(s);
}

static struct str joined_by_blanks(const struct message_list *list, struct arena *arena)
{
	char *text = arena_strdup(arena, "");

	for (size_t i = 0; i < list->n; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? " " : "", list->items[i]);
	return str_from(text);
}

/* Whatever else has changed, the session is to be looked at now: it may have ended. */
static void perm(struct cti_session *s, const struct message *m)
{
	struct arena *arena = s->cti->arena;
	const struct cti_permissions p = { .rooms = joined_by_blanks(&m->rooms, arena),
		.ext = joined_by_blanks(&m->ext, arena),
		.capabilities = finding_capabilities(joined_by_blanks(&m->capabilities, arena)),
		.version = m->pv };

	if (!s->self.channel || (m->pv && m->pv < s->version))
		return;
	if (session_permit(s, &p) != ERR_OK)
		session_close(s, SIO_END_RETRY);
	else if (s->login)
		login_look_again(s->login);
	else if (s->live)
		roster_recheck(s);
}

static void takeover(struct cti_session *s, const struct message *m)
{
	if (session_is_meant(s, m))
		takeover_ask(s, m);
}

static void taken(struct cti_session *s, const struct message *m)
{
	if (session_is_meant(s, m))
		takeover_taken(s);
}

/* Operations that concern sessions one by one. */
static void (*const operations[])(struct cti_session *s, const struct message *m) = {
	[MESSAGE_REVOKE] = revoke,
	[MESSAGE_REBIND] = rebind,
	[MESSAGE_PERM] = perm,
	[MESSAGE_TAKEOVER] = takeover,
	[MESSAGE_TAKEN] = taken,
	[MESSAGE_KICK] = kick,
	[MESSAGE_RESYNC] = NULL,
};

/* Somebody asks for a socket that is gone, perhaps with the process that had it. */
static void answer_gone(struct cti *c, const struct message *m)
{
	const char *items[] = { m->by_sid };
	const struct message answer = {
		.kind = MESSAGE_CONTROL, .op = MESSAGE_TAKEN, .sids = { items, 1 }, .why = "gone"
	};

	if (m->op == MESSAGE_TAKEOVER && m->by_relay && m->by_sid)
		post_to_relay(c, m->by_relay, &answer, NULL, NULL);
}

static void run_for_sids(struct cti *c, const struct message *m)
{
	for (size_t i = 0; i < m->sids.n; i++) {
		struct cti_session *s = directory_find(c, m->sids.items[i]);

		if (s)
			operations[m->op](s, m);
		else
			answer_gone(c, m);
	}
}

static bool room_is_named(const struct cti_channel *ch, const struct message_list *rooms)
{
	struct str domain, suffix;

	if (!channel_split(str_from(ch->name), ch->cti->settings->prefix, &domain, &suffix) ||
		!str_starts(suffix, "r:"))
		return false;
	for (size_t i = 0; i < rooms->n; i++)
		if (str_is((struct str){ suffix.p + 2, suffix.n - 2 }, rooms->items[i]))
			return true;
	return false;
}

static bool is_in_rooms(const struct cti_session *s, const struct message_list *rooms)
{
	for (size_t i = 0; i < s->room_count; i++)
		if (room_is_named(s->rooms[i].channel, rooms))
			return true;
	return rooms->n == 0;
}

static void resync_all(struct cti *c, const struct message *m)
{
	LIST_FOR_EACH(s, &c->round, struct cti_session, round)
		if (is_in_rooms(s, &m->rooms))
			tick_resync(s);
}

/* For this relay, not for a user or room. */
static void run_for_relay(struct cti *c, const struct message *m)
{
	if (m->op == MESSAGE_DRAIN)
		c->ports->drain(c->ports->arg, m->rate);
	else if (m->op == MESSAGE_RESYNC)
		resync_all(c, m);
	else if (operations[m->op])
		run_for_sids(c, m);
}

void control_run(struct cti_channel *ch, const struct message *m)
{
	struct cti *c = ch->cti;

	if (ch == c->node || ch == c->everybody)
		run_for_relay(c, m);
	else if (m->op == MESSAGE_RESYNC)
		gap_resync(ch);
	else if (m->op < sizeof(operations) / sizeof(operations[0]) && operations[m->op] &&
		 m->op != MESSAGE_TAKEN)
		LIST_FOR_EACH(member, &ch->members, struct cti_member, link)
			operations[m->op](member->session, m);
}
