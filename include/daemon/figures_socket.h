/*
 * The figures of a program, told on a unix socket: as OpenMetrics text to an HTTP client, as lines of name,
 * labels and value to "status" (dialtonectl).
 *
 * One caller at a time, who has a second to say what is wanted: the socket is for its owner alone.
 */
#ifndef DIALTONE_DAEMON_FIGURES_SOCKET_H
#define DIALTONE_DAEMON_FIGURES_SOCKET_H

#include <stdbool.h>

#include "base/buf.h"

/* Writes all figures in the one form or the other. */
typedef void (*figures_put_fn)(void *arg, bool open_metrics, struct buf *out);

/* Answers the next caller of a listening socket that does not block; none, when another process was faster. */
void figures_socket_serve(int listener, figures_put_fn put, void *arg);

#endif
