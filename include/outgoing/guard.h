/*
 * Where connections may go that this server makes for others: to the internet, and to no place of a
 * private network, this machine or a cloud's own services, unless the operator has named it.
 *
 * The address is looked at as its socket is made, after the name was looked up: what the name resolves
 * to before or later does not matter, nor how an address is written.  It is for every protocol that
 * libcurl speaks; HTTP has outgoing/http_client.h.
 */
#ifndef DIALTONE_OUTGOING_GUARD_H
#define DIALTONE_OUTGOING_GUARD_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/ip_network.h"

struct guard {
	const char *
		private_places; /* the setting outgoing_private: hosts, addresses and networks; kept */
	const char *host;       /* as the URL has it; kept */
	bool is_plain;          /* nothing is encrypted: named places alone */
	char refused[IP_ADDRESS_SIZE]; /* an address it refused; empty: none */
};

/* Whether there may be a connection to that host at that address. */
bool guard_allows(const struct guard *g, const struct ip_address *a);

/* For each transfer of the handle: g is kept for it.  No proxy of the environment is used, no signal, and
 * a name server that hangs holds up nothing that has a time limit. */
void guard_install(struct guard *g, CURL *easy);

#endif
