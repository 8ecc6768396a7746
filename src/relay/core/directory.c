#include "relay/core/directory.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SLOTS_MIN 64

/* Socket ids are random and ours, so a few of their bytes are a hash. */
static struct cti_client **slot_of(const struct core *core, const char *sid)
{
	uint64_t h;

	memcpy(&h, sid, sizeof(h));
	h *= 0x9e3779b97f4a7c15U;
	return &core->slots[(h >> 32) & (core->slot_count - 1)];
}

static void insert_client(struct core *core, struct cti_client *c)
{
	struct cti_client **slot = slot_of(core, c->sio->id);

	c->same_slot = *slot;
	*slot = c;
}

static void grow_slots(struct core *core)
{
	struct cti_client **old = core->slots;
	size_t n = core->slot_count;

	core->slot_count = n ? n * 2 : SLOTS_MIN;
	core->slots = mem_alloc(core->slot_count * sizeof(struct cti_client *));
	for (size_t i = 0; i < n; i++)
		for (struct cti_client *c = old[i], *next; c; c = next) {
			next = c->same_slot;
			insert_client(core, c);
		}
	free(old);
}

void directory_add(struct core *core, struct cti_client *c)
{
	if (core->slotted == core->slot_count)
		grow_slots(core);
	insert_client(core, c);
	core->slotted++;
}

void directory_remove(struct core *core, struct cti_client *c)
{
	struct cti_client **at = slot_of(core, c->sio->id);

	while (*at != c)
		at = &(*at)->same_slot;
	*at = c->same_slot;
	core->slotted--;
}

struct cti_client *directory_find(const struct core *core, const char *sid)
{
	struct cti_client *c;

	if (!core->slot_count || strlen(sid) != SIO_ID_SIZE - 1)
		return NULL;
	for (c = *slot_of(core, sid); c; c = c->same_slot)
		if (strcmp(c->sio->id, sid) == 0)
			return c;
	return NULL;
}
