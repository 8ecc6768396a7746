/* What the files of redis/ share: the way to the server, and replies as hiredis reads them. */
#ifndef DIALTONE_REDIS_REDIS_PRIV_H
#define DIALTONE_REDIS_REDIS_PRIV_H

#include <hiredis/hiredis.h>
#include <netinet/in.h>

#include "base/buf.h"
#include "redis/pipeline.h"
#include "redis/redis.h"

#define WHY_MAX 512 /* bytes of a reason, for the log */

/* redis.c */
/* -1: not connected. */
int redis_fd(const struct redis *r);
void redis_drop(struct redis *r);
/* For both kinds of connection. Errors become REDIS_NIL: look at from->type first. */
void redis_reply_copy(const redisReply *from, struct arena *arena, struct redis_reply *to);

/* Throws away what has come unasked, without waiting. False: nothing more will come. */
bool redis_discard(struct redis *r);

/*
 * wire.c: the bytes to a server and from it, as they are or inside of TLS.  hiredis 0.14, that of Debian 12, knows no
 * TLS: it connects and reads replies, OpenSSL stands in between.
 *
 * {0} is closed.  With TLS the socket does not block.  Those that return REDIS_ERR have left the reason in
 * redis->errstr.
 */
struct ssl_st;
struct wire {
	redisContext *redis; /* NULL: closed */
	struct ssl_st *tls;  /* NULL: bytes go as they are */
	struct buf out;      /* for TLS: commands, */
	size_t sent;         /* so much of which is on its way */
	bool reads_first;    /* the rest waits for something of TLS to be read */
};
enum wire_want { WIRE_NOTHING, WIRE_READ, WIRE_WRITE, WIRE_BROKEN };
/* On a connected socket; then wire_shake() as long as it wants something.  The certificate has to be of this host. */
int wire_secure(struct wire *w, const struct redis_tls *t, const char *host);
enum wire_want wire_shake(struct wire *w);
void wire_close(struct wire *w);
/* Adds it to what is to be sent. */
void wire_append(struct wire *w, const struct redis_command *command);
/* As redisBufferRead() and redisBufferWrite() do.  With TLS nothing readable is left behind but what the socket tells. */
int wire_read(struct wire *w);
int wire_write(struct wire *w, int *ret_done);
/* The socket is readable: for TLS alone, of which no reply came? */
bool wire_is_quiet(struct wire *w);

/* complaint.c: what the text of an error reply means for the connection it came on. */
enum complaint {
	COMPLAINT_COMMAND, /* the command is wrong */
	COMPLAINT_PASSING, /* the server cannot just now */
	COMPLAINT_SERVER /* this is not the server, or not any more: another has to be looked for */
};
enum complaint complaint_of(const char *error);

/* outage.c: one that lasts is told at its beginning and when the reason is another; its end once. */
struct outage {
	unsigned told;
	char why[WHY_MAX];
};
void outage_note(struct outage *o, const char *why);
void outage_end(struct outage *o);

/*
 * lookup.c: the address of a host name, asked for in a thread of the C library.
 *
 * An answer that is not awaited any more still has to come: lookup_free() waits for it.
 */
#define LOOKUP_HOST    256
#define LOOKUP_ADDRESS INET6_ADDRSTRLEN
struct lookup;
struct lookup *lookup_new(void);
void lookup_free(struct lookup **l);
/* Waits at most wait_ms; numbers are their own address.
 *   ERR_AGAIN        not yet: call it again, with the same host
 *   ERR_UNAVAILABLE  the name has no address */
MUST_CHECK enum err lookup_address(
	struct lookup *l, const char *host, int wait_ms, char ret[LOOKUP_ADDRESS]);

/*
 * route.c: the way to the server in use, which is at the address, or is the master that a sentinel
 * names.  It says where to connect and what to say there, and judges the answers.  Connecting and
 * waiting are its user's: at once in redis.c, bit by bit in dial.c.
 *
 *   ROUTE_GO       connect to the place, say the commands, take the answers
 *   ROUTE_WAIT     for the next answer
 *   ROUTE_ARRIVED  the connection is one to the server, greeted and ready
 *   ROUTE_LOST     there is no way just now; why tells the reason
 *
 * A round asks each sentinel once.  One that named the server is the first to be asked again.
 */
#define ROUTE_COMMANDS 4
#define ROUTE_ARGS     10
enum route_step { ROUTE_GO, ROUTE_WAIT, ROUTE_ARRIVED, ROUTE_LOST };
struct route {
	const struct redis_address *address;
	size_t sentinel;        /* whose turn it is */
	size_t tries;           /* left in this round */
	bool asks;              /* the place is that sentinel */
	bool told;              /* why is what a server answered */
	char host[LOOKUP_HOST]; /* the place, unless the address has a path */
	int port;
	struct redis_command commands[ROUTE_COMMANDS];
	size_t count, answered, hello; /* which answer is that to HELLO */
	struct str args[ROUTE_ARGS];
	char db[16];
	char why[WHY_MAX];
};
/* address is kept. */
void route_init(struct route *r, const struct redis_address *address);
/* A new round. */
enum route_step route_start(struct route *r);
enum route_step route_take(struct route *r, const redisReply *answer);
/* The place does not answer. */
enum route_step route_miss(struct route *r, const char *why);

/*
 * dial.c: goes the route without waiting.
 *
 *   DIAL_PENDING  call dial_on_ready(), and dial_on_time() at due_ms
 *   DIAL_THERE    dial_take() has the connection, watched for input
 *   DIAL_LOST     nothing is open; route.why tells the reason
 */
enum dial_result { DIAL_PENDING, DIAL_THERE, DIAL_LOST };
struct dial {
	struct route route;
	struct lookup *lookup;
	const struct pipeline_owner *owner; /* its watch() */
	struct wire wire;
	bool connected, secured;
	int64_t due_ms;
	int64_t end_ms;               /* of this place's time */
	char address[LOOKUP_ADDRESS]; /* of the place */
};
/* Both are kept. */
void dial_init(
	struct dial *d, const struct redis_address *address, const struct pipeline_owner *owner);
/* Waits for a lookup that is on its way. */
void dial_finish(struct dial *d);
enum dial_result dial_start(struct dial *d);
enum dial_result dial_on_ready(struct dial *d, bool input, bool output);
enum dial_result dial_on_time(struct dial *d);
struct wire dial_take(struct dial *d);
/* Nothing is open any more. */
void dial_stop(struct dial *d);

#endif
