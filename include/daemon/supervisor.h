/*
 * Keeps a number of worker processes alive.
 *
 * A worker that dies is replaced at once; workers that die young are replaced later and later.  One that hangs is killed, and
 * replaced even while it does not go away.
 *   SIGTERM, SIGINT  workers get SIGTERM and some time to finish, then SIGKILL; the supervisor ends
 *   SIGHUP           settings are read again, then each worker is replaced: the new one has to be
 *                    ready before an old one is asked to end, so the shared socket is always served
 * With the first worker that is ready the program is (daemon/readiness.h).
 * When a new worker does not become ready the old ones stay.  When the supervisor dies its workers
 * get SIGTERM.
 *
 * It forks: what it was given (sockets, keys, settings) is shared by memory, connections to servers
 * are each worker's own and must not be made before.
 */
#ifndef DIALTONE_DAEMON_SUPERVISOR_H
#define DIALTONE_DAEMON_SUPERVISOR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

#define SUPERVISOR_WORKERS_MAX 256
#define SUPERVISOR_BESIDE      "figures" /* what ps calls the process that is no worker */
/* During a replacement old and new workers stand side by side. */
#define SUPERVISOR_PLACES (2 * SUPERVISOR_WORKERS_MAX)

/* In memory that others may look at (base/counter.h); only the supervisor writes. */
struct supervisor_figures {
	uint64_t wanted;
	uint64_t restarts; /* workers that ended unasked */
	uint64_t hung;     /* workers that were killed for that */
	struct {
		uint64_t used; /* 1: it had a worker */
		uint64_t pid;  /* 0: it has none */
		uint64_t ends; /* 1: it was told to */
	} places[SUPERVISOR_PLACES];
};

/* How workers that are ready are watched (daemon/watch.h). All of it in the supervisor; arg: of the settings. */
struct supervisor_watch {
	/* What the worker in that place has done, a number that grows at least each second while it waits for work.
	 * NULL: none is watched. */
	uint64_t (*steps)(void *arg, size_t place);
	/* How long one step may take. */
	int64_t (*patience_ms)(void *arg);
	/* It hangs and is about to be killed: says so in the log. */
	void (*tell)(void *arg, size_t place, pid_t pid, int64_t silent_ms);
};

struct supervisor_settings {
	int workers;          /* 1 to SUPERVISOR_WORKERS_MAX */
	const char *pid_file; /* "" or NULL: none */
	int grace_ms;         /* between SIGTERM and SIGKILL; 0: 10000 */
	int ready_ms;         /* for a new worker to become ready; 0: 10000 */

	/* In the worker.  Runs until SIGTERM and returns the exit status; calls worker_is_ready()
	 * with ready_fd as soon as it serves.  SIGINT, SIGHUP and SIGPIPE are ignored there,
	 * SIGTERM kills until it is handled.  No other worker that lives has its place, below
	 * SUPERVISOR_PLACES. */
	int (*run)(void *arg, size_t place, int ready_fd);
	/* In one more process, which is no worker, until SIGTERM: whenever it ends it is started again, after
	 * a reload too.  It is killed when all workers have ended.  NULL: none is wanted. */
	int (*beside)(void *arg);
	struct supervisor_watch watch;
	struct supervisor_figures *figures; /* NULL: not wanted */
	/* In the supervisor, at SIGHUP; NULL: nothing to read again.  May change the number of
	 * workers.  An error, which it has logged, leaves all workers as they are. */
	enum err (*reload)(void *arg, int *workers);
	void *arg;
};

/* Returns when all workers have ended after SIGTERM or SIGINT.  ERR_CONFLICT, ERR_UNAVAILABLE: not
 * started because of the pid file. Only once a process. */
MUST_CHECK enum err supervisor_run(const struct supervisor_settings *settings);
/* Tells the supervisor, and closes ready_fd. */
void worker_is_ready(int ready_fd);

#endif
