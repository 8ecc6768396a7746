#include "base/json_slice.h"

#include "fuzz.h"

static void check_inside(struct str whole, struct str part)
{
	require(!part.n || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void check_scalar(struct str value)
{
	char text[64];
	uint64_t number;
	size_t n;

	if (json_slice_text(value, text, sizeof(text), &n))
		require(n < sizeof(text) && strlen(text) == n);
	if (json_slice_uint(value, 1000, &number))
		require(number <= 1000);
}

/* Every part of a value is a value. */
static void check_value(struct str value)
{
	struct str rest = value, key, member;

	require(json_slice_is_valid(value));
	check_scalar(value);
	if (json_slice_kind(value) < JSON_ARRAY)
		return;
	while (json_slice_next(&rest, &key, &member)) {
		check_inside(value, key);
		check_inside(value, member);
		require(!key.n || json_slice_is_valid(key));
		check_value(member);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_input(data, size), member;

	if (json_slice_is_valid(text))
		check_value(text);
	/* Nonsense is walked within its bounds. */
	else if (text.n > 0 && json_slice_kind(text) >= JSON_ARRAY)
		while (json_slice_next(&text, NULL, &member))
			;
	return 0;
}
