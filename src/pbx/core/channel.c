#include <inttypes.h>

#include "base/clock.h"
#include "core_priv.h"

/* FNV-1a, 32 bits: names need to differ, not to be hard to guess. */
#define HASH_START 2166136261u
#define HASH_PRIME 16777619u

uint32_t name_hash(const char *text, uint32_t before)
{
	uint32_t h = before ? before : HASH_START;

	for (; text && *text; text++)
		h = (h ^ (unsigned char)*text) * HASH_PRIME;
	return h;
}

const char *channel_name(
	const char *exten, const char *call_id, const char *end, struct arena *arena)
{
	return arena_printf(arena, "SIP/%s-%08" PRIx32, exten ? exten : "",
		name_hash(end, name_hash(call_id, 0)));
}

/* One that the PBX did not give is of the same shape. */
const char *linked_id_of(const struct pbx_event *e, struct arena *arena)
{
	return e->linked_id ? e->linked_id
			    : arena_printf(arena, "%" PRId64 ".%" PRIu32,
				      e->at_us / CLOCK_SECOND_US, name_hash(e->call_id, 0));
}
