#include <stdlib.h>

#include "base/mem.h"
#include "core_priv.h"

struct leg *leg_find(const struct pbx *p, const char *call_id)
{
	return call_id ? map_get(p->legs, str_from(call_id)) : NULL;
}

struct leg *leg_new(struct pbx *p, const struct pbx_event *e, struct call *c)
{
	struct leg *l = mem_alloc(sizeof(*l));

	owned_text_set(&l->call_id, e->call_id);
	owned_text_set(&l->dialog, e->dialog);
	owned_text_set(&l->unique_id, linked_id_of(e, p->arena));
	owned_text_set(&l->dialled, e->to.user);
	list_init(&l->branches);
	l->call = c;
	c->uses++;
	l->started_us = e->at_us;
	l->heard_us = p->now_us;
	l->was_up = e->kind == PBX_CALL_UP;
	party_set(p, &l->caller, e->from, e->from_name);
	party_set(p, &l->callee, e->to, NULL);
	map_put(p->legs, str_from(l->call_id), l);
	return l;
}

void branch_free(struct leg *l, struct branch *b)
{
	list_remove(&b->link);
	l->branches_n--;
	party_finish(&b->party);
	free(b);
}

void leg_free(struct pbx *p, struct leg *l)
{
	map_remove(p->legs, str_from(l->call_id));
	LIST_FOR_EACH(b, &l->branches, struct branch, link)
		branch_free(l, b);
	party_finish(&l->caller);
	party_finish(&l->callee);
	free(l->call_id);
	free(l->dialog);
	free(l->unique_id);
	free(l->dialled);
	free(l);
}

/* A transfer leaves who was called with a leg in which they call, and the other way round. */
static bool may_have_turned(const struct talk *t, const struct leg *l)
{
	return l->was_up && t->connected && !party_is(&l->caller, &l->callee);
}

static struct talk *remembered(struct device *d, const struct leg *l, bool outgoing)
{
	struct talk *turned = NULL;

	LIST_FOR_EACH(t, &d->talks, struct talk, of_device) {
		if (!t->is_remembered || !text_is(t->unique_id, l->unique_id))
			continue;
		if (t->outgoing == outgoing)
			return t;
		if (may_have_turned(t, l))
			turned = t;
	}
	return turned;
}

static const char *exten_of(const struct party *x)
{
	return x->device ? x->device->exten : party_number(x);
}

static void name_channels(struct pbx *p, struct talk *t, const struct leg *l)
{
	const char *caller = t->outgoing ? t->device->exten : exten_of(&l->caller);
	const char *callee = t->outgoing ? party_number(&l->callee) : t->device->exten;
	const char *source = channel_name(caller, l->call_id, "caller", p->arena);
	const char *dest = channel_name(callee, l->call_id, "callee", p->arena);

	owned_text_set(&t->source_channel, source);
	owned_text_set(&t->dest_channel, dest);
	owned_text_set(&t->id, arena_printf(p->arena, "%s>%s", source, dest));
}

/* The one that was here has gone on in another leg. */
static bool has_twin(const struct talk *of)
{
	LIST_FOR_EACH(t, &of->device->talks, struct talk, of_device)
		if (t != of && text_is(t->id, of->id))
			return true;
	return false;
}

struct talk *leg_talk(struct pbx *p, struct leg *l, struct device *d, bool outgoing,
	const struct party *other, bool *ret_is_new)
{
	struct talk *t = remembered(d, l, outgoing);

	*ret_is_new = !t;
	if (t) {
		t->is_remembered = false;
		t->leg = l;
		kept_write(p, t);
		return t;
	}
	t = talk_new(d, outgoing);
	name_channels(p, t, l);
	if (has_twin(t)) {
		*ret_is_new = false;
		talk_free(t);
		return NULL;
	}
	t->leg = l;
	t->start_us = p->at_us;
	owned_text_set(&t->linked_id, l->call->linked_id);
	owned_text_set(&t->unique_id, l->unique_id);
	talk_name_counterpart(t, other);
	kept_add(p, t);
	update_later(p, d);
	return t;
}

enum leg_end leg_end_at(struct pbx *p, const struct leg *l, struct pbx_address a)
{
	struct party x = { 0 };
	enum leg_end ret = END_NONE;

	if (party_is_at(&l->caller, a))
		return END_CALLER;
	if (party_is_at(&l->callee, a))
		return END_CALLEE;
	party_set(p, &x, a, NULL);
	if (party_is(&x, &l->caller))
		ret = END_CALLER;
	else if (party_is(&x, &l->callee))
		ret = END_CALLEE;
	party_finish(&x);
	return ret;
}

static bool is_there(const struct branch *b, const struct party *x)
{
	return (x->device && b->party.device == x->device) ||
	       party_is_at(&b->party, party_address(x));
}

/* While the directory is away, one device may have two: the one that rings counts. */
struct branch *branch_find(const struct leg *l, const struct party *x)
{
	struct branch *found = NULL;

	LIST_FOR_EACH(b, &l->branches, struct branch, link)
		if (is_there(b, x) && (!found || b->talk))
			found = b;
	return found;
}

struct branch *branch_new(struct leg *l, const struct party *x)
{
	struct branch *b;

	if (l->branches_n >= BRANCHES_MAX)
		return NULL;
	b = mem_alloc(sizeof(*b));
	party_copy(&b->party, x);
	list_add_tail(&l->branches, &b->link);
	l->branches_n++;
	return b;
}

void talk_hang_up(struct pbx *p, struct talk *t, const char *cause)
{
	struct device *d = t->device;
	const struct exten_hung_up_facts facts = { d->exten, t->counterpart_num, cause };

	tell(p, d->user, EVENT_EXTEN_HUNG_UP, &facts);
	kept_remove(p, t);
	talk_free(t);
	update_later(p, d);
}

void branch_end(struct pbx *p, struct branch *b, const char *cause, int64_t at_us)
{
	if (b->talk)
		talk_hang_up(p, b->talk, cause);
	b->talk = NULL;
	b->is_over = true;
	b->over_us = at_us;
}
