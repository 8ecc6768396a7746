/*
 * All workers sleep in epoll on the one listening socket (EPOLLEXCLUSIVE: a request wakes one of
 * them, not all) and accept without blocking, so workers that lose the race go back to sleep.  BATCH
 * bounds how long the timer and a signal to stop have to wait behind a queue of requests.
 *
 * Stop signals stay blocked and are heard through a signalfd: nothing is ever interrupted, neither our
 * code nor libfcgi's, and what was accepted is answered.
 *
 * A request ends in this order: write, drain what nginx still sends, detach, finish.  Any other one
 * costs the client a reset connection (502) or the worker a wait for nginx to close.
 */
#include "http/fcgi_server.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "base/log.h"

#define ARENA_FIRST   (16 * 1024)
#define EVENTS        4
#define BATCH         16    /* requests between two looks at timer and signals */
#define FCGI_PATIENCE "100" /* ms libfcgi may wait for a peer that is not nginx */
#define BARE_500      "Status: 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"

struct loop {
	const struct fcgi_server *server;
	int epoll, timer, signals;
	FCGX_Request fcgi;
	struct arena *arena;
	struct buf out;
};

static size_t read_stream(void *source, char *p, size_t n)
{
	FCGX_Stream *in = source;
	size_t got = 0;

	while (got < n) {
		size_t left = n - got;
		int k = FCGX_GetStr(p + got, left > INT_MAX ? INT_MAX : (int)left, in);

		if (k <= 0)
			break;
		got += (size_t)k;
	}
	return got;
}

/* Closing a socket with unread input resets the peer, and the client sees 502 (stack-notes 2). */
static void drain(FCGX_Stream *in)
{
	char scrap[1024];

	while (FCGX_GetStr(scrap, sizeof(scrap), in) > 0)
		continue;
}

static struct str response_of(const struct request *r, const struct buf *out)
{
	struct str all = buf_str(out);

	if (out->overflow || all.n == 0) {
		log_error("answer of %zu bytes is empty or above the limit", all.n);
		return STR(BARE_500);
	}
	if (r->method != METHOD_HEAD)
		return all;
	const char *end = strstr(all.p, "\r\n\r\n");

	return end ? (struct str){ all.p, (size_t)(end - all.p) + 4 } : all;
}

/* A client that has gone is no error: the work is done all the same. */
static void write_response(FCGX_Stream *out, struct str s)
{
	while (s.n) {
		int n = s.n > INT_MAX ? INT_MAX : (int)s.n;

		if (FCGX_PutStr(s.p, n, out) != n)
			return;
		s.p += n;
		s.n -= (size_t)n;
	}
}

static void forget_request(struct loop *l)
{
	arena_reset(l->arena);
	buf_wipe(&l->out);
}

static void serve(struct loop *l)
{
	const struct fcgi_server *s = l->server;
	struct request r;

	request_init(&r, l->arena, (const char *const *)l->fcgi.envp, read_stream, l->fcgi.in);
	s->handle(s->app, &r, &l->out);
	write_response(l->fcgi.out, response_of(&r, &l->out));
	drain(l->fcgi.in);
	/* Detached, the connection is closed without waiting for nginx to close first. */
	FCGX_Detach(&l->fcgi);
	FCGX_Finish_r(&l->fcgi);
	forget_request(l);
}

/* -EAGAIN: another worker was faster. The other two, and libfcgi's own -9999, are the peer's. */
static bool listener_is_well(int result)
{
	return result == -EAGAIN || result == -ECONNABORTED || result == -EINTR || result == -9999;
}

static enum err serve_waiting(struct loop *l)
{
	for (int i = 0; i < BATCH; i++) {
		int result = FCGX_Accept_r(&l->fcgi);

		if (result == 0) {
			serve(l);
			continue;
		}
		if (listener_is_well(result))
			break;
		log_error("cannot accept: %s", strerror(-result));
		return ERR_INTERNAL;
	}
	return ERR_OK;
}

static void tick(struct loop *l)
{
	uint64_t times;

	if (read(l->timer, &times, sizeof(times)) == sizeof(times))
		l->server->idle(l->server->app);
}

static bool has_event(const struct epoll_event *events, int n, int fd)
{
	for (int i = 0; i < n; i++)
		if (events[i].data.fd == fd)
			return true;
	return false;
}

static enum err run(struct loop *l)
{
	struct epoll_event events[EVENTS];
	enum err e = ERR_OK;

	while (e == ERR_OK) {
		int n = epoll_wait(l->epoll, events, EVENTS, -1);

		if (has_event(events, n, l->signals))
			break;
		if (has_event(events, n, l->timer))
			tick(l);
		if (l->server->aside && has_event(events, n, l->server->aside))
			l->server->serve_aside(l->server->app, l->server->aside);
		if (has_event(events, n, l->server->listener))
			e = serve_waiting(l);
	}
	return e;
}

static bool watch(struct loop *l, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return fd >= 0 && epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static int make_timer(unsigned ms)
{
	const struct timespec every = { ms / 1000, ms % 1000 * 1000000L };
	const struct itimerspec when = { every, every };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

	if (fd >= 0)
		timerfd_settime(fd, 0, &when, NULL);
	return fd;
}

static bool set_up_signals(struct loop *l)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	if (sigprocmask(SIG_BLOCK, &stop, NULL) != 0)
		return false;
	l->signals = signalfd(-1, &stop, SFD_NONBLOCK | SFD_CLOEXEC);
	return true;
}

static bool set_up_fcgi(struct loop *l)
{
	/* Its two waits of 2 s: for the first byte of a connection, and at closing after an error. */
	setenv("LIBFCGI_IS_AF_UNIX_KEEPER_POLL_TIMEOUT", FCGI_PATIENCE, 1);
	setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", FCGI_PATIENCE, 1);
	if (FCGX_Init() != 0)
		return false;
	signal(SIGPIPE, SIG_IGN);
	return FCGX_InitRequest(&l->fcgi, l->server->listener, FCGI_FAIL_ACCEPT_ON_INTR) == 0;
}

static bool set_up(struct loop *l)
{
	const struct fcgi_server *s = l->server;
	int flags = fcntl(s->listener, F_GETFL);

	if (flags < 0 || fcntl(s->listener, F_SETFL, flags | O_NONBLOCK) != 0)
		return false;
	if (!set_up_signals(l) || !set_up_fcgi(l))
		return false;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0 || !watch(l, s->listener, EPOLLIN | EPOLLEXCLUSIVE) ||
		!watch(l, l->signals, EPOLLIN))
		return false;
	if (s->aside && !watch(l, s->aside, EPOLLIN | EPOLLEXCLUSIVE))
		return false;
	if (s->idle_ms == 0)
		return true;
	l->timer = make_timer(s->idle_ms);
	return watch(l, l->timer, EPOLLIN);
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

enum err fcgi_server_run(const struct fcgi_server *s)
{
	struct loop l = { .server = s, .epoll = -1, .timer = -1, .signals = -1 };
	enum err e = ERR_INTERNAL;

	l.arena = arena_new(ARENA_FIRST);
	buf_init(&l.out, s->response_max);
	if (set_up(&l))
		e = run(&l);
	else
		log_error("cannot set up the worker's loop: %s", strerror(errno));
	close_if_open(l.signals);
	close_if_open(l.timer);
	close_if_open(l.epoll);
	buf_finish(&l.out);
	arena_free(&l.arena);
	return e;
}
