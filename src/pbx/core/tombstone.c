#include <stdlib.h>

#include "base/mem.h"
#include "core_priv.h"

#define AT_LEAST 1024

/* Of a call that has ended: late reports and older answers do not bring it back. */
struct tombstone {
	struct list link;
	char *call_id;
	int64_t at_us;    /* by the clock of the PBX */
	int64_t heard_us; /* by ours */
};

static struct tombstone *find(const struct pbx *p, const char *call_id)
{
	return map_get(p->ended, str_from(call_id));
}

static void drop(struct pbx *p, struct tombstone *t)
{
	map_remove(p->ended, str_from(t->call_id));
	list_remove(&t->link);
	free(t->call_id);
	free(t);
}

static void drop_oldest(struct pbx *p)
{
	drop(p, LIST_ENTRY(p->ended_order.next, struct tombstone, link));
}

void tombstone_add(struct pbx *p, const char *call_id, int64_t at_us)
{
	struct tombstone *t = find(p, call_id);

	if (t)
		drop(p, t);
	if (map_count(p->ended) >= AT_LEAST && map_count(p->ended) >= p->limits.calls_max)
		drop_oldest(p);
	t = mem_alloc(sizeof(*t));
	owned_text_set(&t->call_id, call_id);
	t->at_us = at_us;
	t->heard_us = p->now_us;
	map_put(p->ended, str_from(t->call_id), t);
	list_add_tail(&p->ended_order, &t->link);
}

bool tombstone_is(const struct pbx *p, const char *call_id)
{
	return find(p, call_id) != NULL;
}

bool tombstone_covers(struct pbx *p, const struct pbx_event *e)
{
	struct tombstone *t = find(p, e->call_id);
	bool is_another = t && e->kind == PBX_CALL_NEW && e->at_us > t->at_us;

	/* Some phones use a Call-ID again. */
	if (is_another)
		drop(p, t);
	return t && !is_another;
}

void tombstones_expire(struct pbx *p, int64_t before_us)
{
	LIST_FOR_EACH(t, &p->ended_order, struct tombstone, link)
		if (t->heard_us < before_us)
			drop(p, t);
}

void tombstones_free(struct pbx *p)
{
	while (!list_is_empty(&p->ended_order))
		drop_oldest(p);
}
