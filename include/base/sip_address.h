/*
 * Addresses of users in the three forms they come in: a From header, "sip:alice@sip.example.org", and
 * the name a user types ("Alice", "alice@Sip.Example.org").
 *
 * Only cut into user and domain here, the user in the form in which names are stored (base/nfc.h).  Which domains exist, and whose they are, is for the caller.
 */
#ifndef DIALTONE_BASE_SIP_ADDRESS_H
#define DIALTONE_BASE_SIP_ADDRESS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

struct sip_address {
	const char *user, *domain; /* domain NULL: none was given */
};

/* A typed name: any case, returned in lower case; the last '@' ends the user. */
struct sip_address sip_address_from_name(struct arena *a, struct str name);
/* A typed name that means this user; one without a domain fits every domain. */
bool sip_address_is(const struct sip_address *address, const char *user, const char *domain);

/* The one form of a domain: domains have no case, and are stored and compared in lower case
 * (accounts-api 2.5).  Every way in is through here. */
const char *sip_domain(struct arena *a, struct str domain);

/* With "sip:", "sips:" (in any case) or neither in front; the case of the user is kept. */
struct sip_address sip_address_from_uri(struct arena *a, struct str uri);

/* A From header: sip:user@domain or sips:, percent-encoded in parts or as a whole, with or without
 * "Name" <>, cut at the first ';' (accounts-api 3.2).  Both parts are there, without the port; the
 * case of the user is kept.  False when it is none. */
bool sip_address_from_header(struct arena *a, struct str header, struct sip_address *ret);

#endif
