#include <string.h>

#include "core_priv.h"

static void begin_caller(struct pbx *p, struct leg *l)
{
	bool is_new;

	if (!l->caller.device || l->caller_talk || l->transfer)
		return;
	l->caller_talk = leg_talk(p, l, l->caller.device, true, &l->callee, &is_new);
}

/* Who called, and who was called; a device only if it takes part. */
static void name_parties(struct leg *l)
{
	party_copy(&l->call->from, &l->caller);
	party_copy(&l->call->to, &l->callee);
	l->call->to.device = NULL;
}

static struct leg *begin(struct pbx *p, const struct pbx_event *e)
{
	struct transfer *t = transfer_for(p, e);
	struct leg *l = leg_new(p, e, t ? t->call : call_new(p, e));

	if (t) {
		l->transfer = t;
		t->to = l;
	} else {
		name_parties(l);
		begin_caller(p, l);
	}
	return l;
}

struct leg *leg_begin(struct pbx *p, const struct pbx_event *e)
{
	size_t n = strlen(e->call_id);

	if (n && n <= CALL_ID_MAX && map_count(p->legs) < p->limits.calls_max)
		return begin(p, e);
	p->figures.refused++;
	return NULL;
}

/* The talk of an attended transfer goes on there: for its user nothing rings. */
static bool is_replaced(const struct leg *l, const struct device *d)
{
	return l->transfer && l->transfer->target_talk && l->transfer->target_talk->device == d;
}

static void ring(struct pbx *p, struct leg *l, struct branch *b)
{
	struct device *d = b->party.device;
	const struct exten_ringing_facts facts = { l->dialled, party_number(&l->caller),
		party_name(&l->caller) };
	bool is_new;

	if (!d || is_replaced(l, d))
		return;
	b->talk = leg_talk(p, l, d, false, &l->caller, &is_new);
	if (is_new)
		tell(p, d->user, EVENT_EXTEN_RINGING, &facts);
	if (!l->call->answered_us && l->call->to.known == d->user)
		l->call->to.device = d;
}

/* What was reported before the last forward, or before that device was done, has come late. */
static bool is_late(const struct leg *l, const struct branch *b, const struct pbx_event *e)
{
	return e->at_us <= l->forwarded_us || (b && (!b->is_over || e->at_us <= b->over_us));
}

static void ring_at(
	struct pbx *p, struct leg *l, const struct party *where, const struct pbx_event *e)
{
	struct branch *b = branch_find(l, where);

	if (is_late(l, b, e)) {
		p->figures.repeated++;
		return;
	}
	if (!b)
		b = branch_new(l, where);
	if (!b) {
		p->figures.refused++;
		return;
	}
	b->is_over = false;
	ring(p, l, b);
}

void leg_rings(struct pbx *p, struct leg *l, const struct pbx_event *e)
{
	struct party where = { 0 };

	if (l->is_up) {
		p->figures.repeated++;
		return;
	}
	if (!l->call->rang_us)
		l->call->rang_us = e->at_us;
	if (e->device.user)
		party_set(p, &where, e->device, NULL);
	else
		party_copy(&where, &l->callee);
	ring_at(p, l, &where, e);
	party_finish(&where);
}

static bool rang_before(const struct device *d, const struct leg *l)
{
	LIST_FOR_EACH(t, &d->talks, struct talk, of_device)
		if (t->is_remembered && !t->outgoing && !t->connected &&
			text_is(t->unique_id, l->unique_id))
			return true;
	return false;
}

static void ring_on(struct pbx *p, struct leg *l, struct device *d)
{
	struct party where = { 0 };
	struct branch *b;

	party_copy(&where, &l->callee);
	where.device = d;
	b = branch_find(l, &where);
	if (!b)
		b = branch_new(l, &where);
	if (b && !b->talk)
		ring(p, l, b);
	party_finish(&where);
}

void leg_rings_on(struct pbx *p, struct leg *l)
{
	if (!l->callee.known)
		return;
	LIST_FOR_EACH(d, &l->callee.known->devices, struct device, of_user)
		if (rang_before(d, l))
			ring_on(p, l, d);
}

static bool resolve(struct pbx *p, struct party *x)
{
	if (!x->is_open)
		return false;
	party_resolve(p, x);
	return x->known != NULL;
}

static void settle_caller(struct pbx *p, struct leg *l)
{
	if (!resolve(p, &l->caller))
		return;
	begin_caller(p, l);
	if (l->is_up && l->caller_talk)
		talk_connect(p, l->caller_talk, &l->callee);
	if (text_is(l->call->call_id, l->call_id))
		party_copy(&l->call->from, &l->caller);
}

static void settle_callee(struct pbx *p, struct leg *l)
{
	bool is_new;

	if (!resolve(p, &l->callee))
		return;
	if (l->call->to.is_open)
		party_copy(&l->call->to, &l->callee);
	if (l->is_up && l->callee.device && !l->callee_talk) {
		l->callee_talk = leg_talk(p, l, l->callee.device, false, &l->caller, &is_new);
		if (l->callee_talk)
			talk_connect(p, l->callee_talk, &l->caller);
	}
	if (l->caller_talk) {
		talk_name_counterpart(l->caller_talk, &l->callee);
		update_later(p, l->caller_talk->device);
	}
}

void leg_settle(struct pbx *p, struct leg *l)
{
	settle_caller(p, l);
	settle_callee(p, l);
	LIST_FOR_EACH(b, &l->branches, struct branch, link)
		if (resolve(p, &b->party) && !b->is_over)
			ring(p, l, b);
}
