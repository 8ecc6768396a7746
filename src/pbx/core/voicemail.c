#include "core_priv.h"

void voicemail_take(struct pbx *p, const struct pbx_event *e)
{
	struct user *u;
	struct voicemail_facts facts = { NULL, e->voicemail_new, e->voicemail_old };

	if (user_find(p, e->of, &u) != ERR_OK) {
		p->figures.unknown_addresses++;
		return;
	}
	if (u->voicemail_new == facts.inbox && u->voicemail_old == facts.old) {
		p->figures.repeated++;
		return;
	}
	u->voicemail_new = facts.inbox;
	u->voicemail_old = facts.old;
	facts.mailbox = u->voicemail ? u->voicemail : u->main_extension;
	tell(p, u, EVENT_VOICEMAIL_COUNTED, &facts);
}
