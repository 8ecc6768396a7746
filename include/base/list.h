/*
 * A doubly linked list threaded through the members themselves: no allocation, removal in O(1).
 *
 *   struct timer { struct list link; ... };
 *   LIST_FOR_EACH (t, &timers, struct timer, link) ...      the current one may be removed
 */
#ifndef DIALTONE_BASE_LIST_H
#define DIALTONE_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *prev, *next;
};

#define LIST_ENTRY(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))
#define LIST_FOR_EACH(it, head, type, member)                                  \
	for (type *it = LIST_ENTRY((head)->next, type, member), *it##_next;    \
		&it->member != (head) &&                                       \
		(it##_next = LIST_ENTRY(it->member.next, type, member), true); \
		it = it##_next)

static inline void list_init(struct list *l)
{
	l->prev = l->next = l;
}

static inline bool list_is_empty(const struct list *head)
{
	return head->next == head;
}

static inline void list_add_tail(struct list *head, struct list *node)
{
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

/* Leaves the node initialised, so that removing it twice is harmless. */
static inline void list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

#endif
