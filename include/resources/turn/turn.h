/*
 * Credentials for a TURN server, which it recognises by a secret that both know: the user name says until
 * when, the password is its HMAC-SHA-1 (accounts-api II.16; "TURN REST API").  Nothing is asked or stored.
 */
#ifndef DIALTONE_RESOURCES_TURN_TURN_H
#define DIALTONE_RESOURCES_TURN_TURN_H

#include "service/service.h"

struct turn_credentials {
	const char *username, *password;
	int64_t ttl;      /* seconds */
	const char *uris; /* a JSON array */
};

/* ERR_NOT_FOUND: there is no TURN server. */
MUST_CHECK enum err turn_make_credentials(struct service *s, struct turn_credentials *ret);

#endif
