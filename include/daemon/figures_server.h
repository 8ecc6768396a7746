/*
 * The figures and the health of a program, told to those who ask while it works on.
 *
 *   metrics_socket   of the operator: OpenMetrics text to "GET", lines of name, labels and value to "status"
 *   metrics_listen   of monitors: HTTP alone, GET /metrics, /health/live, /health/ready and /up, never an order
 *
 * Live is a program that answers.  Ready is one that has what its work needs; what that is, the program says.  It is
 * asked at most once a second, however often it is wanted.
 *
 * It has no loop of its own: a program polls its descriptor with what it waits for otherwise.  No caller is waited
 * for: one who has not said what is wanted, or not read the answer, within some seconds is dropped, and the one who
 * came first when too many are there.
 */
#ifndef DIALTONE_DAEMON_FIGURES_SERVER_H
#define DIALTONE_DAEMON_FIGURES_SERVER_H

#include <stdbool.h>

#include "base/buf.h"
#include "daemon/figures_sockets.h"

#define FIGURES_CALLERS_MAX 64
#define FIGURES_CALL_MS     5000

/* Writes all figures in the one form or the other. */
typedef void (*figures_put_fn)(void *arg, bool open_metrics, struct buf *out);
/* NULL: ready. Else what is missing, in a word. */
typedef const char *(*figures_ready_fn)(void *arg);

/* Whether Redis answers, asked after what is ready was. */
typedef bool (*figures_redis_fn)(void *arg);

struct figures_source {
	figures_put_fn put;
	figures_ready_fn ready;
	void *arg;
	figures_redis_fn has_redis; /* of what works without it, and says so; NULL: others */
};

struct figures_server;

/* The sockets stay the caller's, and open. */
struct figures_server *figures_server_new(
	const struct figures_source *source, const struct figures_sockets *sockets);
/* Drops all callers; the sockets stay. Sets *s to NULL; it may be NULL already. */
void figures_server_free(struct figures_server **s);

/* Readable when there is something to do. -1 of NULL. */
int figures_server_fd(const struct figures_server *s);
/* Does it, without waiting. */
void figures_server_run(struct figures_server *s);

#endif
