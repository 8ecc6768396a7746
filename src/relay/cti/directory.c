#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cti_priv.h"

#define SLOTS_MIN 64

/* Socket ids are random and ours, so a few of their bytes are a hash. */
static struct cti_session **slot_of(const struct cti *c, const char *sid)
{
	uint64_t h;

	memcpy(&h, sid, sizeof(h));
	h *= 0x9e3779b97f4a7c15U;
	return &c->slots[(h >> 32) & (c->slot_count - 1)];
}

static void insert(struct cti *c, struct cti_session *s)
{
	struct cti_session **slot = slot_of(c, s->sio->id);

	s->same_slot = *slot;
	*slot = s;
}

static void grow(struct cti *c)
{
	struct cti_session **old = c->slots;
	size_t n = c->slot_count;

	c->slot_count = n ? n * 2 : SLOTS_MIN;
	c->slots = mem_alloc(c->slot_count * sizeof(struct cti_session *));
	for (size_t i = 0; i < n; i++)
		for (struct cti_session *s = old[i], *next; s; s = next) {
			next = s->same_slot;
			insert(c, s);
		}
	free(old);
}

void directory_add(struct cti *c, struct cti_session *s)
{
	if (c->slotted == c->slot_count)
		grow(c);
	insert(c, s);
	c->slotted++;
}

void directory_remove(struct cti *c, struct cti_session *s)
{
	struct cti_session **at = slot_of(c, s->sio->id);

	while (*at != s)
		at = &(*at)->same_slot;
	*at = s->same_slot;
	c->slotted--;
}

struct cti_session *directory_find(const struct cti *c, const char *sid)
{
	struct cti_session *s;

	if (!c->slot_count || strlen(sid) != SIO_ID_SIZE - 1)
		return NULL;
	for (s = *slot_of(c, sid); s; s = s->same_slot)
		if (strcmp(s->sio->id, sid) == 0)
			return s;
	return NULL;
}
