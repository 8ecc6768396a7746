#include "http/header.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = fuzz_input(data, size);
	int q = header_quality(s);

	require(q >= 0 && q <= 1000);
	require(language_choose(s) < LANGUAGE_COUNT);
	return 0;
}
