#include "core_priv.h"

static void end_talk(struct pbx *p, struct talk *t, const char *cause)
{
	if (t && !t->transfer)
		talk_hang_up(p, t, cause);
}

static void note_end(struct call *c, const struct pbx_event *e, const char *cause, int64_t code)
{
	c->ended_us = e->at_us > c->started_us ? e->at_us : c->started_us;
	c->cause = cause;
	c->code = code;
}

/* Of a user of ours no phone is there.  One that is there, and says that it is not found, knows better. */
static bool is_absent(const struct party *callee)
{
	return callee->known && user_strongest(callee->known) == EXTEN_OFFLINE;
}

void leg_end(struct pbx *p, struct leg *l, const struct pbx_event *e)
{
	int64_t code = l->is_up ? 0 : e->code;
	const char *cause = cause_of(code, is_absent(&l->callee));
	struct call *c = l->call;

	note_end(c, e, cause, code);
	if (l->transfer)
		transfer_fail(p, l->transfer, cause);
	if (e->by.user)
		transfers_give_up(p, l, e->by);
	transfers_forget(p, l);
	end_talk(p, l->caller_talk, cause);
	LIST_FOR_EACH(b, &l->branches, struct branch, link)
		branch_end(p, b, cause, e->at_us);
	end_talk(p, l->callee_talk, cause);
	tombstone_add(p, l->call_id, e->at_us);
	leg_free(p, l);
	call_release(p, c);
}
