#include "http/header.h"

#include "fuzz.h"

static void check(const char *value)
{
	for (; value && *value; value++)
		require((unsigned char)*value >= ' ' && *value != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(4096);
	struct digest_credentials d = { 0 };

	if (header_digest(a, fuzz_input(data, size), &d) == ERR_OK) {
		check(d.realm);
		check(d.username);
		check(d.nonce);
		check(d.uri);
		check(d.response);
	}
	arena_free(&a);
	return 0;
}
