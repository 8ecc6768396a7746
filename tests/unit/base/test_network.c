#include "base/network.h"

#include "../unit.h"

static void is(const char *ip, const char *expected)
{
	char out[NETWORK_SIZE];

	assert_string_equal(network_of(out, str_from(ip)), expected);
}

static void a_client_is_counted_under_its_address_or_its_64(void **state)
{
	(void)state;
	is("192.0.2.1", "192.0.2.1");
	is("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
	is("2001:db8:1:2::9", "2001:db8:1:2::/64");
	is("2001:db8:1:3::9", "2001:db8:1:3::/64");
	is("::ffff:192.0.2.1", "192.0.2.1");
	is("", "");
	is("unix:", "unix:");
	is("a text that is far too long to be an address of any kind in the world",
		"a text that is far too long to be an address of any kin");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_is_counted_under_its_address_or_its_64),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
