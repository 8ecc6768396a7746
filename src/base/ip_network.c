#include "base/ip_network.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define V4_AT 12 /* byte of an IPv6 address at which one of IPv4 stands in it */

static const uint8_t mapped[V4_AT] = { [10] = 0xff, [11] = 0xff };

static struct ip_address of_v4(const void *v4)
{
	struct ip_address a;

	memcpy(a.bytes, mapped, sizeof(mapped));
	memcpy(a.bytes + V4_AT, v4, sizeof(struct in_addr));
	return a;
}

static bool parse_address(struct str s, struct ip_address *ret, unsigned *ret_before)
{
	char text[IP_ADDRESS_SIZE];
	struct in_addr v4;

	if (s.n == 0 || s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	*ret_before = 0;
	if (inet_pton(AF_INET6, text, ret->bytes) == 1)
		return true;
	if (inet_pton(AF_INET, text, &v4) != 1)
		return false;
	*ret = of_v4(&v4);
	*ret_before = 8 * V4_AT;
	return true;
}

static bool bit_of(const struct ip_address *a, unsigned i)
{
	return a->bytes[i / 8] & (0x80u >> (i % 8));
}

bool ip_network_parse(struct str s, struct ip_network *ret)
{
	struct str bits = s, address = str_split(&bits, '/');
	struct ip_network n;
	uint64_t count;
	unsigned before;

	if (!parse_address(address, &n.first, &before))
		return false;
	count = 128 - before;
	if (bits.p && !str_to_uint(bits, count, &count))
		return false;
	n.bits = before + (unsigned)count;
	for (unsigned i = n.bits; i < 128; i++)
		if (bit_of(&n.first, i))
			return false;
	*ret = n;
	return true;
}

bool ip_network_has(const struct ip_network *n, const struct ip_address *a)
{
	unsigned whole = n->bits / 8;

	if (memcmp(n->first.bytes, a->bytes, whole) != 0)
		return false;
	for (unsigned i = whole * 8; i < n->bits; i++)
		if (bit_of(&n->first, i) != bit_of(a, i))
			return false;
	return true;
}

bool ip_address_of(const struct sockaddr *s, struct ip_address *ret)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (s->sa_family == AF_INET) {
		memcpy(&v4, s, sizeof(v4));
		*ret = of_v4(&v4.sin_addr);
		return true;
	}
	if (s->sa_family != AF_INET6)
		return false;
	memcpy(&v6, s, sizeof(v6));
	memcpy(ret->bytes, &v6.sin6_addr, sizeof(ret->bytes));
	return true;
}

const char *ip_address_text(char out[IP_ADDRESS_SIZE], const struct ip_address *a)
{
	if (memcmp(a->bytes, mapped, sizeof(mapped)) == 0)
		inet_ntop(AF_INET, a->bytes + V4_AT, out, IP_ADDRESS_SIZE);
	else
		inet_ntop(AF_INET6, a->bytes, out, IP_ADDRESS_SIZE);
	return out;
}

static bool is_in(const struct ip_address *a, const char *const *networks)
{
	struct ip_network n;

	for (; *networks; networks++)
		if (ip_network_parse(str_from(*networks), &n) && ip_network_has(&n, a))
			return true;
	return false;
}

bool ip_address_is_public(const struct ip_address *a)
{
	static const char *const v4[] = { "0.0.0.0/0", NULL };
	static const char *const nat64[] = { "64:ff9b::/96", NULL };
	static const char *const unicast[] = { "2000::/3", NULL };
	static const char *const special_v4[] = { "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10",
		"127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", NULL };
	/* Those of the global unicast space that lead elsewhere, or nowhere: Teredo and other protocols,
	 * documentation, 6to4. */
	static const char *const special[] = { "2001::/23", "2001:db8::/32", "2002::/16",
		"3fff::/20", NULL };
	struct ip_address behind;

	if (is_in(a, nat64)) {
		behind = of_v4(a->bytes + V4_AT);
		return !is_in(&behind, special_v4);
	}
	if (is_in(a, v4))
		return !is_in(a, special_v4);
	return is_in(a, unicast) && !is_in(a, special);
}
