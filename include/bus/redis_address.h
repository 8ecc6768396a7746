/*
 * Where Redis is:
 *
 *   unix:/run/redis/redis.sock?db=1        a unix socket
 *   redis://:password@127.0.0.1:6379/1     TCP; user, password, port (6379) and db (0) may be left
 *   redis://user:password@[::1]            out; percent-encoding in user and password
 */
#ifndef DIALTONE_BUS_REDIS_ADDRESS_H
#define DIALTONE_BUS_REDIS_ADDRESS_H

#include "base/arena.h"
#include "base/err.h"

struct redis_address {
	const char *path; /* of the unix socket; NULL: TCP */
	const char *host;
	int port;
	const char *user, *password; /* NULL: none */
	int db;
};

/* Texts live in the arena. ERR_INVALID when it is none of the above. */
MUST_CHECK enum err redis_address_parse(
	const char *url, struct arena *arena, struct redis_address *ret);

#endif
