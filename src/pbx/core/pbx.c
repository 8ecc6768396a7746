#include "pbx/core/pbx.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core_priv.h"

#define ARENA_BLOCK      16384
#define MICROS_PER_MILLI 1000

struct pbx *pbx_new(const struct pbx_owner *owner, const struct pbx_limits *limits)
{
	struct pbx *p = mem_alloc(sizeof(*p));

	p->owner = *owner;
	p->limits = *limits;
	p->arena = arena_new(ARENA_BLOCK);
	p->users = map_new();
	p->devices = map_new();
	p->legs = map_new();
	p->kept = map_new();
	p->ended = map_new();
	list_init(&p->ended_order);
	list_init(&p->transfers);
	list_init(&p->waiting);
	return p;
}

/* Any one of them; NULL: it is empty. */
static void *first_of(const struct map *m)
{
	void *value = NULL;
	struct str key;
	size_t at = 0;

	return map_next(m, &at, &key, &value) ? value : NULL;
}

static void free_kept(struct pbx *p)
{
	struct str key;
	size_t at = 0;
	void *kept;

	while (map_next(p->kept, &at, &key, &kept))
		free(kept);
	map_free(&p->kept);
}

static void free_calls(struct pbx *p)
{
	struct leg *l;

	transfers_drop(p);
	while ((l = first_of(p->legs)) != NULL) {
		struct call *c = l->call;

		leg_free(p, l);
		if (--c->uses == 0)
			call_free(c);
	}
	map_free(&p->legs);
}

void pbx_free(struct pbx **p)
{
	struct user *u;

	if (!*p)
		return;
	free_calls(*p);
	while ((u = first_of((*p)->users)) != NULL)
		user_drop(*p, u);
	tombstones_free(*p);
	free_kept(*p);
	map_free(&(*p)->users);
	map_free(&(*p)->devices);
	map_free(&(*p)->ended);
	arena_free(&(*p)->arena);
	free(*p);
	*p = NULL;
}

static void take(struct pbx *p, const struct pbx_event *e)
{
	switch (e->kind) {
	case PBX_REGISTERED:
	case PBX_UNREGISTERED:
		registration_take(p, e);
		break;
	case PBX_VOICEMAIL:
		voicemail_take(p, e);
		break;
	default:
		call_take(p, e);
	}
}

void pbx_take(struct pbx *p, const struct pbx_event *e, int64_t now_us)
{
	struct pbx_event dated = *e;

	if (dated.at_us <= 0)
		dated.at_us = now_us;
	p->now_us = now_us;
	p->at_us = dated.at_us;
	p->figures.events++;
	take(p, &dated);
	updates_tell(p);
	arena_reset(p->arena);
}

int pbx_tick(struct pbx *p, int64_t now_us)
{
	int64_t due, until;

	p->now_us = p->at_us = now_us;
	transfers_expire(p);
	updates_tell(p);
	arena_reset(p->arena);
	due = updates_due_us(p);
	until = transfers_due_us(p);
	due = until < due ? until : due;
	if (due == INT64_MAX)
		return -1;
	return due <= now_us ? 0 : (int)((due - now_us + MICROS_PER_MILLI - 1) / MICROS_PER_MILLI);
}

static bool is_registered(const struct device *d)
{
	return device_contact_newest(d) != NULL;
}

void pbx_figures(const struct pbx *p, struct pbx_figures *ret)
{
	struct str key;
	size_t at = 0;
	void *d;

	*ret = p->figures;
	ret->calls = map_count(p->legs);
	while (map_next(p->devices, &at, &key, &d))
		ret->devices_registered += is_registered(d);
}
