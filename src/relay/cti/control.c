#include <string.h>

#include "cti_priv.h"

static bool list_has(const struct message_list *list, const char *item)
{
	for (size_t i = 0; item && i < list->n; i++)
		if (strcmp(list->items[i], item) == 0)
			return true;
	return false;
}

static bool is_revoked(const struct cti_session *s, const struct message *m)
{
	if (m->but && s->jti && strcmp(m->but, s->jti) == 0)
		return false;
	return m->all || list_has(&m->jtis, s->jti);
}

static void revoke(struct cti_session *s, const struct message *m)
{
	if (is_revoked(s, m))
		session_refuse(s);
}

static void rebind(struct cti_session *s, const struct message *m)
{
	if (m->old_jti && m->new_jti && s->jti && strcmp(s->jti, m->old_jti) == 0)
		session_bind(s, m->new_jti, s->expires_at);
}

/* Operations that concern each member of a channel by itself. */
static void (*const operations[])(struct cti_session *s, const struct message *m) = {
	[MESSAGE_REVOKE] = revoke,
	[MESSAGE_REBIND] = rebind,
};

void control_run(struct cti_channel *ch, const struct message *m)
{
	if (m->op >= sizeof(operations) / sizeof(operations[0]) || !operations[m->op])
		return;
	LIST_FOR_EACH(member, &ch->members, struct cti_member, link)
		operations[m->op](member->session, m);
}
