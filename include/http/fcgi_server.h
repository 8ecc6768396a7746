/*
 * The loop of one API worker: accept, read the request, have it answered, write, close or keep.
 *
 * libfcgi on a shared listening socket and on connections that nginx keeps, woken by epoll; the input
 * is drained, and what is closed is closed without waiting for nginx.  The reasons, measured, are in
 * stack-notes 2.  Workers are processes, and one answers one request at a time; but what has come in meanwhile is
 * begun together, where the application says that it can be, so that it can ask others for all of it at once.
 *
 * It does not bind the socket and knows nothing of routes or answers.
 */
#ifndef DIALTONE_HTTP_FCGI_SERVER_H
#define DIALTONE_HTTP_FCGI_SERVER_H

#include "base/buf.h"
#include "base/err.h"
#include "http/request.h"

#define FCGI_TOGETHER_MAX 16

enum fcgi_begun {
	FCGI_ALONE,    /* it may last: all that was begun is answered before */
	FCGI_AT_ONCE,  /* it waits for none: answered before all that was begun */
	FCGI_TOGETHER, /* others may be begun before it is finished */
};

/* What makes the answers. */
struct fcgi_app {
	/* Looks what it is; *ret_begun is what finish is handed.  Look at r->fault first. */
	enum fcgi_begun (*begin)(void *app, struct request *r, void **ret_begun);
	/* Between the two, when several were begun: asks for what they need.  Behind them, forgets it. */
	void (*ask)(void *app, void *const *begun, size_t n);
	void (*forget)(void *app);
	/* Composes the whole answer into out as CGI wants it: "Status: 200 OK\r\n", header lines, an
	 * empty line, body.  The body of a HEAD answer is cut off afterwards. */
	void (*finish)(void *app, void *begun, struct buf *out);
	/* How many connections may be kept open at the moment; NULL: as many as there is room for. */
	size_t (*keeps)(void *app);
	/* Housekeeping; may be NULL when idle_ms is 0. */
	void (*idle)(void *app);
};

struct fcgi_server {
	int listener;      /* bound and listening, shared with the other workers */
	const int *others; /* more of them */
	int other_count;
	size_t response_max; /* ceiling of one answer; an answer that overflows becomes a bare 500 */
	unsigned idle_ms;    /* how often idle is called, between requests; 0 is never */
	unsigned
		patience_ms; /* of kept connections with a request that lasts (http/connections.h) */
	struct fcgi_app does;
	uint64_t *kept; /* where it is told how many connections are kept; NULL: nowhere */
	void *app;      /* of the functions */
};

/* Serves until SIGTERM or SIGINT, which take effect after the request in flight and what else was sent
 * on its connections.  Both are blocked from here on and SIGPIPE is ignored.  ERR_OK after an orderly
 * end, ERR_INTERNAL (logged) when the loop cannot be set up or the listener broke.  May be called once
 * per process. */
enum err fcgi_server_run(const struct fcgi_server *s) MUST_CHECK;

#endif
