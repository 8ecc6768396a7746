#include "base/deadline.h"

void deadline_queue_init(struct deadline_queue *q, deadline_fn *fn)
{
	list_init(&q->items);
	q->fn = fn;
}

int64_t deadline_queue_next(const struct deadline_queue *q)
{
	if (list_is_empty(&q->items))
		return DEADLINE_NEVER;
	return LIST_ENTRY(q->items.next, struct deadline, link)->at_ms;
}

/* The due ones move to a list of their own first, so that a deadline set again while firing cannot
 * keep the run going for ever. */
void deadline_queue_run(struct deadline_queue *q, int64_t now_ms)
{
	struct list due;

	list_init(&due);
	while (deadline_queue_next(q) <= now_ms) {
		struct list *first = q->items.next;

		list_remove(first);
		list_add_tail(&due, first);
	}
	while (!list_is_empty(&due)) {
		struct deadline *d = LIST_ENTRY(due.next, struct deadline, link);

		list_remove(&d->link);
		q->fn(d, now_ms);
	}
}

void deadline_init(struct deadline *d)
{
	list_init(&d->link);
	d->at_ms = DEADLINE_NEVER;
}

void deadline_set(struct deadline *d, struct deadline_queue *q, int64_t at_ms)
{
	struct list *after;

	list_remove(&d->link);
	d->at_ms = at_ms;
	after = q->items.prev;
	while (after != &q->items && LIST_ENTRY(after, struct deadline, link)->at_ms > at_ms)
		after = after->prev;
	list_add_tail(after->next, &d->link);
}

void deadline_clear(struct deadline *d)
{
	list_remove(&d->link);
}

bool deadline_is_set(const struct deadline *d)
{
	return !list_is_empty(&d->link);
}
