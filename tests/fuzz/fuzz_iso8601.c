#include "base/iso8601.h"

#include "base/clock.h"
#include "fuzz.h"

/* What is read can be told and read again; nothing behind a date goes unnoticed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = fuzz_input(data, size);
	char iso[CLOCK_ISO_SIZE], longer[64];
	int64_t us, again;

	if (!iso8601_parse(s, &us))
		return 0;
	clock_iso(iso, us);
	require(iso8601_parse(str_from(iso), &again) && again == us);
	require(size >= 7 && data[0] >= '0' && data[0] <= '9');
	if (size < sizeof(longer) - 1) {
		memcpy(longer, s.p, s.n);
		longer[s.n] = ' ';
		require(!iso8601_parse((struct str){ longer, s.n + 1 }, &again));
	}
	return 0;
}
