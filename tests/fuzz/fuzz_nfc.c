#include "base/nfc.h"

#include <string.h>

#include "base/utf8.h"

#include "fuzz.h"

/* What is text stays text, a second time changes nothing, and how it was sent is known. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(4096);
	struct nfc_changes changes = { 0 };
	struct str given = fuzz_input(data, size), once = nfc_text(a, given, &changes);
	struct str twice = nfc_text(a, once, NULL);

	require(utf8_is_valid(once.p, once.n) == utf8_is_valid(given.p, given.n));
	require(once.p[once.n] == '\0');
	if (!memchr(once.p, 0, once.n) && !memchr(given.p, 0, given.n))
		require(str_is(given, nfc_as_sent(&changes, once.p)));
	require(twice.n == once.n && memcmp(twice.p, once.p, once.n) == 0);
	arena_free(&a);
	return 0;
}
