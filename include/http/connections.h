/*
 * The FastCGI connections of one worker: those that have not sent a whole request yet, those whose request
 * is at hand, and those that nginx keeps for its next request.
 *
 * A worker does one thing at a time, so a request on a kept connection waits for it while other workers
 * may be free.  Therefore a request that lasts long costs the worker all its kept connections: a thread
 * that does nothing else shuts them down, and nginx sends what waits there to another worker.  That is
 * why only requests that may be repeated travel on them.
 *
 * What a request is made of is not its business (http/fcgi_wire.h), nor is answering it.
 */
#ifndef DIALTONE_HTTP_CONNECTIONS_H
#define DIALTONE_HTTP_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONNECTIONS_MAX      64
#define CONNECTIONS_KEPT_MAX 16    /* of a worker */
#define CONNECTIONS_SEND_MS  2000  /* to send a request, once it has begun */
#define CONNECTIONS_IDLE_MS  75000 /* nginx closes its own earlier (nginx/render) */

struct connections;
struct connection;

/* Watches them with this epoll, edge-triggered, each under its descriptor (data.fd).  What is kept is
 * closed when the worker has been busy for patience_ms, or up to twice that. */
struct connections *connections_new(int epoll, unsigned patience_ms);
/* Closes all that are left.  NULL is fine. */
void connections_free(struct connections **c);

/* The next one that waits at the listening socket.  NULL with errno: EAGAIN when another worker was
 * faster.  When there are too many, the one closest to its end is closed for it. */
struct connection *connections_accept(struct connections *c, int listener);
/* NULL: it is closed by now, or its request is at hand. */
struct connection *connections_find(struct connections *c, int fd);

/* Whether a request can be read from it without waiting for a web server that sends as fast as it is
 * read.  If not, it is either watched until more comes, or was closed: its peer has gone or sends what
 * is no request. */
bool connections_look(struct connections *c, struct connection *k);

/* Around the serving of a request: the descriptor is the caller's in between, and blocks. */
int connections_begin(struct connections *c, struct connection *k);
/* Around whatever may last: reading, asking, answering.  No other function may be called in between. */
void connections_busy(struct connections *c);
void connections_free_again(struct connections *c);
/* How many are open for another request. */
size_t connections_kept(const struct connections *c);
/* Whether one more may stay open for another request, where no more than so many are to be kept: there is
 * room, and the worker is not about to end. */
bool connections_have_room(const struct connections *c, size_t most);
/* open: the descriptor still is. */
void connections_end(struct connections *c, struct connection *k, bool open);

/* Closes what was idle, or half a request, for too long. */
void connections_sweep(struct connections *c);
/* From now on none is kept; the idle ones are closed at their next look, or by this when nothing waits
 * there. */
void connections_wind_up(struct connections *c);
/* The nth of them, in no order, for a look at all; NULL: it is closed, or there are no more. */
struct connection *connections_nth(struct connections *c, int n);
bool connections_are_none(const struct connections *c);

#endif
