#include <stdlib.h>

#include "base/mem.h"
#include "core_priv.h"

struct kept {
	size_t talks;
};

static struct str key_of(struct pbx *p, const struct talk *t)
{
	return str_from(arena_printf(p->arena, "%s %s", t->device->user->domain, t->linked_id));
}

static struct pbx_address device_address(const struct party *x)
{
	return x->device ? (struct pbx_address){ x->device->sip_user, x->device->user->domain }
			 : party_address(x);
}

void kept_write(struct pbx *p, const struct talk *t)
{
	const struct leg *l = t->leg;
	struct pbx_event call;

	if (!l || !t->linked_id)
		return;
	call = (struct pbx_event){ .kind = l->is_up ? PBX_CALL_UP : PBX_CALL_NEW,
		.at_us = l->started_us,
		.call_id = l->call_id,
		.dialog = l->dialog,
		.linked_id = t->linked_id,
		.from = party_address(&l->caller),
		.to = party_address(&l->callee) };
	if (l->is_up)
		call.device = device_address(&l->callee);
	p->owner.keep_call(p->owner.ctx, t->device->user->domain, t->linked_id, &call);
}

void kept_add(struct pbx *p, const struct talk *t)
{
	struct kept *k;

	if (!t->linked_id)
		return;
	k = map_get(p->kept, key_of(p, t));
	if (!k) {
		k = mem_alloc(sizeof(*k));
		map_put(p->kept, key_of(p, t), k);
		kept_write(p, t);
	}
	k->talks++;
}

void kept_remove(struct pbx *p, const struct talk *t)
{
	struct kept *k = t->linked_id ? map_get(p->kept, key_of(p, t)) : NULL;

	if (!k || --k->talks)
		return;
	free(map_remove(p->kept, key_of(p, t)));
	p->owner.keep_call(p->owner.ctx, t->device->user->domain, t->linked_id, NULL);
}
