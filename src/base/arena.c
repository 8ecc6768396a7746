#include "base/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct block {
	struct block *next; /* older blocks; the first block is the last of the chain */
	size_t size, used;
	alignas(max_align_t) char bytes[];
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *);
	void *arg;
};

struct arena {
	struct block *current;
	struct deferred *deferred;
};

static struct block *block_new(size_t size, struct block *next)
{
	struct block *b = mem_alloc(sizeof(*b) + size);

	b->size = size;
	b->next = next;
	return b;
}

struct arena *arena_new(size_t first_block)
{
	struct arena *a = mem_alloc(sizeof(*a));

	a->current = block_new(first_block, NULL);
	return a;
}

void arena_free(struct arena **a)
{
	if (!*a)
		return;
	arena_reset(*a);
	free((*a)->current);
	free(*a);
	*a = NULL;
}

static size_t aligned(size_t n)
{
	const size_t align = alignof(max_align_t);

	return (n + align - 1) / align * align;
}

void *arena_alloc(struct arena *a, size_t n)
{
	size_t need = aligned(n);
	struct block *b = a->current;

	if (need > b->size - b->used) {
		size_t size = b->size * 2 > need ? b->size * 2 : need;

		b = a->current = block_new(size, b);
	}
	void *p = b->bytes + b->used;

	b->used += need;
	return p;
}

void arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
	struct deferred *d = arena_alloc(a, sizeof(*d));

	d->fn = fn;
	d->arg = arg;
	d->next = a->deferred;
	a->deferred = d;
}

void arena_reset(struct arena *a)
{
	for (struct deferred *d = a->deferred; d; d = d->next)
		d->fn(d->arg);
	a->deferred = NULL;
	for (struct block *b = a->current; b;) {
		struct block *next = b->next;

		mem_wipe(b->bytes, b->used);
		b->used = 0;
		a->current = b;
		if (next)
			free(b);
		b = next;
	}
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *copy = arena_alloc(a, n + 1);

	memcpy(copy, s, n);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

/* Tried first where the next allocation will be: mostly it fits. */
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	struct block *b = a->current;
	char *s = b->bytes + b->used;
	size_t room = b->size - b->used;
	va_list again;

	va_copy(again, ap);
	size_t n = (size_t)vsnprintf(s, room, fmt, ap) + 1;

	if (aligned(n) <= room) {
		arena_alloc(a, n);
	} else {
		mem_wipe(s, room);
		s = arena_alloc(a, n);
		vsnprintf(s, n, fmt, again);
	}
	va_end(again);
	return s;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *s = arena_vprintf(a, fmt, ap);

	va_end(ap);
	return s;
}
