#include "http/header.h"

#include "base/sip_address.h"
#include "fuzz.h"

static void check_from(struct arena *a, struct str s)
{
	struct sip_address got;

	if (!sip_address_from_header(a, s, &got))
		return;
	require(got.user[0] && got.domain[0]);
	require(utf8_is_valid(got.user, strlen(got.user)));
}

static void check_inside(struct str whole, struct str part)
{
	require(part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = fuzz_input(data, size), first, second;
	struct arena *a = arena_new(4096);

	check_from(a, s);
	if (header_cookie(s, "x-api-key", &first))
		check_inside(s, first);
	if (header_authorization(s, &first, &second)) {
		require(first.n > 0);
		check_inside(s, first);
		check_inside(s, second);
	}
	require(header_media(s) <= MEDIA_OTHER);
	header_accepts(s, "application/problem+json");
	arena_free(&a);
	return 0;
}
