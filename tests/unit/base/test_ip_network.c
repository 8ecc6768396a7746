#include "base/ip_network.h"

#include "../unit.h"

static bool is_in(const char *address, const char *network)
{
	struct ip_network a, n;

	assert_true(ip_network_parse(str_from(address), &a));
	assert_true(ip_network_parse(str_from(network), &n));
	return ip_network_has(&n, &a.first);
}

static void a_network_has_the_addresses_behind_its_prefix(void **state)
{
	(void)state;
	assert_true(is_in("10.255.0.1", "10.0.0.0/8"));
	assert_false(is_in("11.0.0.0", "10.0.0.0/8"));
	assert_true(is_in("172.31.255.255", "172.16.0.0/12"));
	assert_false(is_in("172.32.0.0", "172.16.0.0/12"));
	assert_true(is_in("192.0.2.1", "192.0.2.1"));
	assert_false(is_in("192.0.2.2", "192.0.2.1"));
	assert_true(is_in("8.8.8.8", "0.0.0.0/0"));
	assert_false(is_in("2001:db8::1", "0.0.0.0/0"));
	assert_true(is_in("fd00::1", "fc00::/7"));
	assert_false(is_in("fe00::1", "fc00::/7"));
	assert_true(is_in("::ffff:10.1.2.3", "10.0.0.0/8"));
	assert_true(is_in("10.1.2.3", "::/0"));
}

static void what_is_no_network_is_not_read(void **state)
{
	static const char *const bad[] = { "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8",
		"10.0.0/8", "10.0.0.0/8/8", "fd00::/129", "fd00::1/64", "[::1]", "::1%eth0",
		"example.org", "0x7f000001", "127.1", "10.0.0.0/-1", "10.0.0.0/ 8", NULL };
	struct ip_network n;

	(void)state;
	for (const char *const *s = bad; *s; s++)
		if (ip_network_parse(str_from(*s), &n))
			fail_msg("%s was read", *s);
}

static void the_internet_is_public_and_nothing_else(void **state)
{
	static const char *const good[] = { "8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.0",
		"172.15.255.255", "172.32.0.0", "192.167.255.255", "223.255.255.255",
		"2606:4700::1111", "2a00:1450::1", "64:ff9b::8.8.8.8", NULL };
	static const char *const bad[] = { "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1",
		"100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1",
		"172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1",
		"198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255",
		"240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
		"::ffff:169.254.169.254", "::127.0.0.1", "::8.8.8.8", "64:ff9b::127.0.0.1",
		"64:ff9b::169.254.169.254", "64:ff9b::10.0.0.1", "64:ff9b:1::8.8.8.8", "100::1",
		"fe80::1", "febf::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001::1",
		"2001:db8::1", "2002:7f00:1::", "3fff::1", "4000::1", "5f00::1", NULL };
	struct ip_network n;

	(void)state;
	for (const char *const *s = good; *s; s++)
		if (!ip_network_parse(str_from(*s), &n) || !ip_address_is_public(&n.first))
			fail_msg("%s is public", *s);
	for (const char *const *s = bad; *s; s++)
		if (!ip_network_parse(str_from(*s), &n) || ip_address_is_public(&n.first))
			fail_msg("%s is not public", *s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_has_the_addresses_behind_its_prefix),
		cmocka_unit_test(what_is_no_network_is_not_read),
		cmocka_unit_test(the_internet_is_public_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
