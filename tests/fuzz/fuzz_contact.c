#include "resources/devices/contact.h"

#include "base/sip_uri.h"
#include "fuzz.h"

/* The field of a hash up to the first line break, its value behind it; and both as a SIP URI. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str value = fuzz_input(data, size), whole = value, field = str_split(&value, '\n');
	struct arena *a = arena_new(4096);
	struct device d;

	(void)sip_uri_check(whole);
	if (value.p && contact_parse(field, value, 1795300100, a, &d)) {
		require(d.uuid[0] && strlen(d.uuid) <= DEVICE_UUID_MAX);
		require(sip_uri_check(str_from(d.contact)) == NULL);
		require(utf8_is_valid(d.user_agent, strlen(d.user_agent)));
		require(utf8_is_valid(d.app, strlen(d.app)));
		require(utf8_is_valid(d.device_name, strlen(d.device_name)));
	}
	arena_free(&a);
	return 0;
}
