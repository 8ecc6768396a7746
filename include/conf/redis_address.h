/*
 * Where Redis is:
 *
 *   unix:/run/redis/redis.sock?db=1        a unix socket; unix:/// is the same
 *   redis://:password@127.0.0.1:6379/1     TCP; user, password, port (6379) and db (0) may be left
 *   redis://user:password@[::1]            out; percent-encoding in user and password
 *   redis+sentinel://user:password@10.0.0.1:26379,10.0.0.2/mymaster/1?sentinel_password=secret
 *                                          the master that these Redis Sentinels (port 26379) name;
 *                                          sentinel_user and sentinel_password are for them
 *   rediss://... and rediss+sentinel://... the same over TLS, as far as the sentinels.  Certificates have to be of the
 *                                          host that is connected to, and of an authority in ?ca_file=/path (PEM,
 *                                          default: those of the system); with certificate_file and key_file
 *                                          we show one of our own
 */
#ifndef DIALTONE_CONF_REDIS_ADDRESS_H
#define DIALTONE_CONF_REDIS_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

#define REDIS_SENTINELS_MAX 16

struct redis_place {
	const char *host;
	int port;
};

struct redis_tls {
	bool on;
	const char *ca_file;                     /* NULL: the system's */
	const char *certificate_file, *key_file; /* both or none: NULL */
	const char *name; /* of the certificate; NULL: the host that is connected to */
};

struct redis_address {
	const char *path;            /* of the unix socket; NULL: TCP */
	struct redis_place place;    /* of the server, unless sentinels know it */
	const char *user, *password; /* NULL: none */
	int db;
	const char *master; /* its name among the sentinels; NULL: there are none */
	struct redis_place sentinels[REDIS_SENTINELS_MAX];
	size_t sentinel_count;
	const char *sentinel_user, *sentinel_password; /* NULL: none */
	struct redis_tls tls;
};

/* The user that a program logs in as, unless the address names one, which then stands for all programs. */
struct redis_login {
	const char *user, *password; /* "" password: none */
	const char *password_file;   /* instead of it; "": none */
};

/* Texts live in the arena. ERR_INVALID when it is none of the above. */
MUST_CHECK enum err redis_address_parse(
	const char *url, struct arena *arena, struct redis_address *ret);

/* The same, as this program: what is missing comes from its own settings.  ERR_UNAVAILABLE: the password's
 * file cannot be read, or is empty; logged here. */
MUST_CHECK enum err redis_address_as(const char *url, const struct redis_login *login,
	struct arena *arena, struct redis_address *ret);

#endif
