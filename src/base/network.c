#include "base/network.h"

#include <arpa/inet.h>
#include <stdio.h>

#define PREFIX_BYTES 8 /* /64 */

const char *network_of(char out[NETWORK_SIZE], struct str ip)
{
	struct in6_addr a;
	char text[INET6_ADDRSTRLEN];

	snprintf(out, NETWORK_SIZE, "%.*s", (int)ip.n, ip.p ? ip.p : "");
	if (inet_pton(AF_INET6, out, &a) != 1)
		return out;
	if (IN6_IS_ADDR_V4MAPPED(&a)) {
		inet_ntop(AF_INET, &a.s6_addr[12], out, NETWORK_SIZE);
		return out;
	}
	memset(&a.s6_addr[PREFIX_BYTES], 0, sizeof(a.s6_addr) - PREFIX_BYTES);
	inet_ntop(AF_INET6, &a, text, sizeof(text));
	snprintf(out, NETWORK_SIZE, "%s/64", text);
	return out;
}
