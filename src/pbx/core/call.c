#include <stdlib.h>

#include "base/mem.h"
#include "core_priv.h"

struct call *call_new(struct pbx *p, const struct pbx_event *e)
{
	struct call *c = mem_alloc(sizeof(*c));

	owned_text_set(&c->call_id, e->call_id);
	owned_text_set(&c->linked_id, linked_id_of(e, p->arena));
	c->started_us = e->at_us;
	c->cause = cause_of(0, true);
	return c;
}

void call_free(struct call *c)
{
	party_finish(&c->from);
	party_finish(&c->to);
	free(c->call_id);
	free(c->linked_id);
	free(c);
}

static struct call_party as_recorded(const struct party *x)
{
	return (struct call_party){
		.account_id = x->known ? x->known->account_id : 0,
		.domain = x->domain,
		.number = party_number(x),
		.name = party_name(x),
		.exten = x->device ? x->device->exten : NULL,
	};
}

static void record(struct pbx *p, const struct call *c)
{
	const struct call_record r = {
		.call_id = c->call_id,
		.linked_id = c->linked_id,
		.from = as_recorded(&c->from),
		.to = as_recorded(&c->to),
		.started_us = c->started_us,
		.rang_us = c->rang_us,
		.answered_us = c->answered_us,
		.ended_us = c->ended_us,
		.cause = c->answered_us ? cause_of(0, true) : c->cause,
		.code = c->answered_us ? 0 : c->code,
	};

	p->owner.record(p->owner.ctx, &r);
}

void call_release(struct pbx *p, struct call *c)
{
	if (--c->uses)
		return;
	record(p, c);
	call_free(c);
}
