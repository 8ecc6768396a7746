/*
 * Addresses of IPv4 and IPv6, and networks of them.
 *
 * One of IPv4 is kept as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2), so that it is the same address however it
 * comes.  Names are not looked up here.
 */
#ifndef DIALTONE_BASE_IP_NETWORK_H
#define DIALTONE_BASE_IP_NETWORK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/str.h"

struct ip_address {
	uint8_t bytes[16];
};

struct ip_network {
	struct ip_address first;
	unsigned bits; /* of the 128 that its addresses have in common */
};

/* "192.0.2.1", "10.0.0.0/8", "fd00::/8"; false: it is none, or has bits behind its prefix. */
bool ip_network_parse(struct str s, struct ip_network *ret);
bool ip_network_has(const struct ip_network *n, const struct ip_address *a);

/* False: it is of another family. */
bool ip_address_of(const struct sockaddr *s, struct ip_address *ret);
#define IP_ADDRESS_SIZE 46 /* with NUL */
/* Writes it as text into out and returns that. */
const char *ip_address_text(char out[IP_ADDRESS_SIZE], const struct ip_address *a);

/* Whether it can be a host of the internet: no address of a private or special network, none of this
 * machine, no group (RFC 6890 and the registries it began). What NAT64 translates (RFC 6052) is what it
 * is translated to. */
bool ip_address_is_public(const struct ip_address *a);

#endif
