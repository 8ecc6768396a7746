#include "../../src/resources/profiles/macros.h"

#include "base/json_slice.h"
#include "fuzz.h"

static void check_grants(const char *json, struct arena *arena)
{
	struct capability_list list = macros_capabilities(json, arena);

	for (size_t i = 0; i < list.n; i++) {
		require(*list.names[i] && strlen(list.names[i]) <= 129);
		require(i == 0 || strcmp(list.names[i - 1], list.names[i]) <= 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_input(data, size);
	struct arena *arena = arena_new(4096);

	if (json_slice_is_valid(text)) {
		const char *keyed = macros_keyed(arena_strndup(arena, text.p, text.n), arena);

		require(json_slice_is_valid(str_from(keyed)));
		if (macros_are_valid(keyed))
			check_grants(keyed, arena);
	}
	arena_free(&arena);
	return 0;
}
