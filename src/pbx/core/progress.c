#include "core_priv.h"

/* Of those who were rung; all, if the PBX does not say. */
static bool was_rung(const struct branch *b, const struct party *by)
{
	return !by->user || party_is(&b->party, by);
}

static void end_rung(struct pbx *p, struct leg *l, const struct pbx_event *e)
{
	const char *cause = cause_of(e->code ? e->code : 480, true);
	struct party by = { 0 };

	party_set(p, &by, e->by, NULL);
	LIST_FOR_EACH(b, &l->branches, struct branch, link)
		if (was_rung(b, &by))
			branch_end(p, b, cause, e->at_us);
	party_finish(&by);
}

static void forwarded(struct pbx *p, struct leg *l, const struct pbx_event *e)
{
	if (l->is_up || !e->target.user || e->at_us <= l->forwarded_us) {
		p->figures.repeated++;
		return;
	}
	l->forwarded_us = e->at_us;
	end_rung(p, l, e);
	party_set(p, &l->callee, e->target, NULL);
	if (!l->transfer) {
		party_copy(&l->call->to, &l->callee);
		l->call->to.device = NULL;
	}
	if (!l->caller_talk)
		return;
	talk_name_counterpart(l->caller_talk, &l->callee);
	update_later(p, l->caller_talk->device);
}

static void media(struct pbx *p, struct leg *l, const struct pbx_event *e)
{
	enum leg_end by = leg_end_at(p, l, e->by);
	struct talk *t = by == END_CALLER   ? l->caller_talk
			 : by == END_CALLEE ? l->callee_talk
					    : NULL;

	if (!t)
		return;
	if (t->on_hold == e->hold)
		p->figures.repeated++;
	t->on_hold = e->hold;
	update_later(p, t->device);
}

static void progress(struct pbx *p, struct leg *l, const struct pbx_event *e)
{
	switch (e->kind) {
	case PBX_CALL_RINGING:
		leg_rings(p, l, e);
		break;
	case PBX_CALL_UP:
		leg_answered(p, l, e);
		break;
	case PBX_CALL_MEDIA:
		media(p, l, e);
		break;
	case PBX_CALL_FORWARDED:
		forwarded(p, l, e);
		break;
	case PBX_CALL_REFERRED:
		transfer_begin(p, l, e);
		break;
	case PBX_CALL_ENDED:
		leg_end(p, l, e);
		break;
	default:
		break;
	}
}

static bool may_begin(enum pbx_event_kind kind)
{
	return kind != PBX_CALL_MEDIA && kind != PBX_CALL_REFERRED;
}

static struct leg *known(struct pbx *p, const struct pbx_event *e)
{
	struct leg *l = leg_find(p, e->call_id);

	if (!l)
		return may_begin(e->kind) ? leg_begin(p, e) : NULL;
	if (e->kind == PBX_CALL_NEW)
		p->figures.repeated++;
	l->heard_us = p->now_us;
	return l;
}

void call_take(struct pbx *p, const struct pbx_event *e)
{
	struct leg *l;

	if (!e->call_id)
		return;
	if (tombstone_covers(p, e)) {
		p->figures.repeated++;
		return;
	}
	l = known(p, e);
	if (!l)
		return;
	progress(p, l, e);
	if (e->kind != PBX_CALL_ENDED)
		leg_settle(p, l);
}
