#include "http/request.h"

#include "fuzz.h"

#define ENV_MAX 64

/* The input is an environment: its strings, separated by newlines. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(4096);
	struct str rest = fuzz_input(data, size);
	const char *envp[ENV_MAX + 1] = { NULL };
	struct request r;

	for (int i = 0; i < ENV_MAX && rest.n; i++) {
		struct str line = str_split(&rest, '\n');

		envp[i] = arena_strndup(a, line.p, line.n);
	}
	request_init(&r, a, envp, NULL, NULL);
	require(r.id[0] && strlen(r.id) < REQUEST_ID_SIZE);
	require(r.segments <= REQUEST_SEGMENTS_MAX);
	for (size_t i = 0; i < r.segments; i++) {
		require(utf8_is_valid(r.segment[i].p, r.segment[i].n));
		require(!memchr(r.segment[i].p, '\0', r.segment[i].n));
	}
	require(utf8_is_valid(r.user_agent.p, r.user_agent.n));
	arena_free(&a);
	return 0;
}
