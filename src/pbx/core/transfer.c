#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core_priv.h"

/* The call to the target follows within this time (sip-integration 3.3). */
#define BEGINS_WITHIN_US (10 * CLOCK_SECOND_US)

/* Nothing depends on it any more; its use of the call is the caller's. */
static struct call *drop(struct transfer *t)
{
	struct call *c = t->call;

	if (t->moved_talk)
		t->moved_talk->transfer = NULL;
	if (t->target_talk)
		t->target_talk->transfer = NULL;
	if (t->to)
		t->to->transfer = NULL;
	list_remove(&t->link);
	party_finish(&t->moved);
	party_finish(&t->target);
	free(t->replaces);
	free(t);
	return c;
}

static void release(struct pbx *p, struct transfer *t)
{
	call_release(p, drop(t));
}

/* Back to the call they have, if they have one. */
void transfer_fail(struct pbx *p, struct transfer *t, const char *cause)
{
	struct talk *talks[] = { t->moved_talk, t->target_talk };

	release(p, t);
	for (size_t i = 0; i < 2; i++)
		if (talks[i] && !talks[i]->leg)
			talk_hang_up(p, talks[i], cause);
}

static struct transfer *of_leg(const struct pbx *p, const struct leg *l)
{
	LIST_FOR_EACH(t, &p->transfers, struct transfer, link)
		if (t->from == l)
			return t;
	return NULL;
}

/* The one who stays, of the leg whose place is taken. */
static struct talk *replaced_talk(
	const struct pbx *p, const char *call_id, const struct party *transferor)
{
	const struct leg *l = leg_find(p, call_id);

	if (!l || !l->is_up)
		return NULL;
	if (party_is(&l->caller, transferor))
		return l->callee_talk;
	return party_is(&l->callee, transferor) ? l->caller_talk : NULL;
}

static void claim(struct transfer *t, struct talk **slot, struct talk *talk)
{
	if (!talk || talk->transfer)
		return;
	*slot = talk;
	talk->transfer = t;
}

static void begin(struct pbx *p, struct leg *l, enum leg_end by, const struct pbx_event *e)
{
	const struct party *transferor = by == END_CALLER ? &l->caller : &l->callee;
	struct transfer *t = mem_alloc(sizeof(*t));

	t->from = l;
	t->call = l->call;
	t->call->uses++;
	party_copy(&t->moved, by == END_CALLER ? &l->callee : &l->caller);
	party_set(p, &t->target, e->target, NULL);
	owned_text_set(&t->replaces, e->replaces);
	claim(t, &t->moved_talk, by == END_CALLER ? l->callee_talk : l->caller_talk);
	if (e->replaces)
		claim(t, &t->target_talk, replaced_talk(p, e->replaces, transferor));
	t->until_us = p->now_us + BEGINS_WITHIN_US;
	list_add_tail(&p->transfers, &t->link);
}

static bool is_repeated(const struct transfer *t, const struct pbx_event *e)
{
	return text_is(t->target.user, e->target.user) && text_is(t->replaces, e->replaces);
}

void transfer_begin(struct pbx *p, struct leg *l, const struct pbx_event *e)
{
	enum leg_end by = l->is_up ? leg_end_at(p, l, e->by) : END_NONE;
	struct transfer *before = of_leg(p, l);

	if (by == END_NONE || (!e->target.user && !e->replaces))
		return;
	if (before && (before->to || is_repeated(before, e))) {
		p->figures.repeated++;
		return;
	}
	if (before)
		transfer_fail(p, before, cause_of(0, true));
	begin(p, l, by, e);
}

/* Where a call is taken over, it need not be said which number to call. */
static bool is_to(const struct transfer *t, struct pbx_address to)
{
	if (!t->target.user)
		return true;
	return text_is(t->target.user, to.user) &&
	       (!t->target.domain || text_is(t->target.domain, to.domain));
}

static bool is_carried_out(const struct pbx *p, const struct transfer *t, const struct party *from,
	struct pbx_address to)
{
	return !t->to && p->now_us <= t->until_us && party_is(&t->moved, from) && is_to(t, to);
}

static struct transfer *carried_out(struct pbx *p, const struct party *from, struct pbx_address to)
{
	LIST_FOR_EACH(t, &p->transfers, struct transfer, link)
		if (is_carried_out(p, t, from, to))
			return t;
	return NULL;
}

struct transfer *transfer_for(struct pbx *p, const struct pbx_event *e)
{
	struct party from = { 0 };
	struct transfer *t;

	if (list_is_empty(&p->transfers))
		return NULL;
	party_set(p, &from, e->from, NULL);
	t = carried_out(p, &from, e->to);
	party_finish(&from);
	return t;
}

/* From the leg it had, which may be gone. */
static void move(struct talk *talk, struct leg *to, struct talk **slot)
{
	struct leg *from = talk->leg;

	if (from && from->caller_talk == talk)
		from->caller_talk = NULL;
	if (from && from->callee_talk == talk)
		from->callee_talk = NULL;
	talk->leg = to;
	talk->on_hold = false;
	/* The PBX knows the new leg by it, also after a restart. */
	owned_text_set(&talk->unique_id, to->unique_id);
	*slot = talk;
}

void transfer_done(struct pbx *p, struct transfer *t)
{
	struct leg *to = t->to;
	struct talk *left = NULL;

	if (t->moved_talk)
		move(t->moved_talk, to, &to->caller_talk);
	if (t->target_talk && t->target_talk->device->user == to->callee.known)
		move(t->target_talk, to, &to->callee_talk);
	else
		left = t->target_talk;
	release(p, t);
	if (left && !left->leg)
		talk_hang_up(p, left, cause_of(0, true));
}

void transfers_give_up(struct pbx *p, const struct leg *l, struct pbx_address by)
{
	LIST_FOR_EACH(t, &p->transfers, struct transfer, link) {
		bool moved_is_caller = t->from == l && party_is(&t->moved, &l->caller);
		enum leg_end moved = moved_is_caller ? END_CALLER : END_CALLEE;

		if (t->from == l && !t->to && leg_end_at(p, l, by) == moved)
			transfer_fail(p, t, cause_of(0, true));
	}
}

static void leave(struct talk *talk, const struct leg *l)
{
	if (talk && talk->leg == l)
		talk->leg = NULL;
}

void transfers_forget(struct pbx *p, const struct leg *l)
{
	LIST_FOR_EACH(t, &p->transfers, struct transfer, link) {
		leave(t->moved_talk, l);
		leave(t->target_talk, l);
		if (t->from == l)
			t->from = NULL;
	}
}

void transfers_expire(struct pbx *p)
{
	LIST_FOR_EACH(t, &p->transfers, struct transfer, link)
		if (!t->to && t->until_us < p->now_us)
			transfer_fail(p, t, cause_of(0, true));
}

int64_t transfers_due_us(const struct pbx *p)
{
	int64_t due = INT64_MAX;

	LIST_FOR_EACH(t, &p->transfers, struct transfer, link)
		if (!t->to && t->until_us < due)
			due = t->until_us + 1;
	return due;
}

void transfers_drop(struct pbx *p)
{
	LIST_FOR_EACH(t, &p->transfers, struct transfer, link) {
		struct call *c = drop(t);

		if (--c->uses == 0)
			call_free(c);
	}
}
