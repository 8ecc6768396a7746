#include "../../src/resources/vcards/vcard.h"

#include "fuzz.h"

static void check_lines(struct str text)
{
	while (text.n) {
		struct str line = str_split(&text, '\n');

		require(line.n > 0 && line.n <= 75);
		require(memchr(line.p, '\r', line.n) == NULL);
		require(utf8_is_valid(line.p, line.n));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_input(data, size);
	struct arena *arena = arena_new(4096);
	struct vcard card, again;

	if (utf8_is_valid(data, size) && vcard_read(arena, text, &card)) {
		require(strlen(card.text) <= 2 * size + 64);
		require(*card.uid && strlen(card.uid) <= VCARD_UID_MAX);
		check_lines(str_from(card.text));
		require(vcard_read(arena, str_from(card.text), &again));
		require(strcmp(card.text, again.text) == 0 && strcmp(card.uid, again.uid) == 0);
	}
	arena_free(&arena);
	return 0;
}
