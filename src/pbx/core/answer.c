#include "core_priv.h"

void talk_connect(struct pbx *p, struct talk *t, const struct party *other)
{
	talk_name_counterpart(t, other);
	update_later(p, t->device);
	if (t->connected)
		return;
	const struct exten_connected_facts facts = { t->device->exten, t->counterpart_num,
		t->outgoing, t->unique_id, t->linked_id };

	t->connected = true;
	t->connected_us = p->at_us;
	tell(p, t->device->user, EVENT_EXTEN_CONNECTED, &facts);
}

static struct branch *only_branch(const struct leg *l)
{
	struct branch *only = NULL;

	LIST_FOR_EACH(b, &l->branches, struct branch, link) {
		if (!b->is_over && only)
			return NULL;
		only = b->is_over ? only : b;
	}
	return only;
}

/* If the PBX does not say which device it was: the one that rang alone, or the one that was called. */
static void name_callee(struct pbx *p, struct leg *l, const struct pbx_event *e)
{
	struct branch *b = only_branch(l);

	if (e->device.user)
		party_set(p, &l->callee, e->device, NULL);
	else if (b)
		party_copy(&l->callee, &b->party);
}

/* The talk that rang there, or a new one: some answer without ringing. */
static void find_callee_talk(struct pbx *p, struct leg *l)
{
	struct branch *b = branch_find(l, &l->callee);
	bool is_new;

	if (b && b->talk) {
		l->callee_talk = b->talk;
		b->talk = NULL;
	} else if (l->callee.device) {
		l->callee_talk = leg_talk(p, l, l->callee.device, false, &l->caller, &is_new);
	}
}

static void end_branches(struct pbx *p, struct leg *l)
{
	LIST_FOR_EACH(b, &l->branches, struct branch, link) {
		branch_end(p, b, "answered_elsewhere", p->at_us);
		branch_free(l, b);
	}
}

static void connect_ends(struct pbx *p, struct leg *l)
{
	if (l->caller_talk)
		talk_connect(p, l->caller_talk, &l->callee);
	if (!l->callee_talk)
		find_callee_talk(p, l);
	if (l->callee_talk)
		talk_connect(p, l->callee_talk, &l->caller);
}

static void keep(struct pbx *p, const struct leg *l)
{
	if (l->caller_talk)
		kept_write(p, l->caller_talk);
	if (l->callee_talk)
		kept_write(p, l->callee_talk);
}

void leg_answered(struct pbx *p, struct leg *l, const struct pbx_event *e)
{
	if (l->is_up) {
		p->figures.repeated++;
		return;
	}
	l->is_up = true;
	name_callee(p, l, e);
	party_copy(&l->call->to, &l->callee);
	if (!l->call->answered_us)
		l->call->answered_us = e->at_us;
	if (l->transfer)
		transfer_done(p, l->transfer);
	connect_ends(p, l);
	end_branches(p, l);
	keep(p, l);
}
