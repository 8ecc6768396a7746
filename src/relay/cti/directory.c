#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cti_priv.h"

#define SLOTS_MIN 64

/* Socket ids are random and ours, so a few of their bytes are a hash. */
static struct cti_client **slot_of(const struct cti *cti, const char *sid)
{
	uint64_t h;

	memcpy(&h, sid, sizeof(h));
	h *= 0x9e3779b97f4a7c15U;
	return &cti->slots[(h >> 32) & (cti->slot_count - 1)];
}

static void insert_client(struct cti *cti, struct cti_client *c)
{
	struct cti_client **slot = slot_of(cti, c->sio->id);

	c->same_slot = *slot;
	*slot = c;
}

static void grow_slots(struct cti *cti)
{
	struct cti_client **old = cti->slots;
	size_t n = cti->slot_count;

	cti->slot_count = n ? n * 2 : SLOTS_MIN;
	cti->slots = mem_alloc(cti->slot_count * sizeof(struct cti_client *));
	for (size_t i = 0; i < n; i++)
		for (struct cti_client *c = old[i], *next; c; c = next) {
			next = c->same_slot;
			insert_client(cti, c);
		}
	free(old);
}

void directory_add(struct cti *cti, struct cti_client *c)
{
	if (cti->slotted == cti->slot_count)
		grow_slots(cti);
	insert_client(cti, c);
	cti->slotted++;
}

void directory_remove(struct cti *cti, struct cti_client *c)
{
	struct cti_client **at = slot_of(cti, c->sio->id);

	while (*at != c)
		at = &(*at)->same_slot;
	*at = c->same_slot;
	cti->slotted--;
}

struct cti_client *directory_find(const struct cti *cti, const char *sid)
{
	struct cti_client *c;

	if (!cti->slot_count || strlen(sid) != SIO_ID_SIZE - 1)
		return NULL;
	for (c = *slot_of(cti, sid); c; c = c->same_slot)
		if (strcmp(c->sio->id, sid) == 0)
			return c;
	return NULL;
}
