/*
 * All workers sleep in epoll on the one listening socket (EPOLLEXCLUSIVE: a request wakes one of
 * them, not all) and accept without blocking, so workers that lose the race go back to sleep.  In the
 * same epoll are the worker's own connections: those that nginx keeps, and those whose request is not
 * all there (http/connections.h).  libfcgi is called when it has nothing to wait for.  BATCH bounds how
 * long kept connections, the timer and a signal to stop have to wait behind a queue of new ones.
 *
 * Requests that may go together are read one after the other, as long as there are any, and answered when
 * one comes that may last, or anything else happens: so no request is read that has to wait for a slow one, and what
 * nginx could still send to another worker stays unread.  What needs nothing of others is answered when it is read.
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

#include "base/counter.h"
#include "base/log.h"
#include "http/connections.h"

#define ARENA_FIRST (16 * 1024)
#define EVENTS      (CONNECTIONS_MAX + 12)
#define BATCH       4   /* new connections between two looks at all the others */
#define QUIET_MS    100 /* then the log lines are written */
#define BARE_500    "Status: 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"

/* A request that was read and is to be answered. */
struct turn {
	struct connection *connection;
	FCGX_Request fcgi;
	struct arena *arena; /* made when it is first needed */
	struct request request;
	void *begun;
};

struct loop {
	const struct fcgi_server *server;
	int epoll, timer, signals;
	bool ending;
	struct connections *connections;
	struct turn turns[FCGI_TOGETHER_MAX];
	size_t begun; /* of the turns: those that go together */
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

static bool may_keep(const struct loop *l)
{
	const struct fcgi_server *s = l->server;

	return connections_have_room(
		l->connections, s->does.keeps ? s->does.keeps(s->app) : CONNECTIONS_KEPT_MAX);
}

static void answer(struct loop *l, struct turn *t)
{
	const struct fcgi_server *s = l->server;

	if (!may_keep(l))
		t->fcgi.keepConnection = 0;
	connections_busy(l->connections);
	s->does.finish(s->app, t->begun, &l->out);
	write_response(t->fcgi.out, response_of(&t->request, &l->out));
	drain(t->fcgi.in);
	FCGX_Finish_r(&t->fcgi);
	connections_free_again(l->connections);
	arena_reset(t->arena);
	buf_wipe(&l->out);
	connections_end(l->connections, t->connection, t->fcgi.ipcFd >= 0);
}

static void answer_begun(struct loop *l)
{
	const struct fcgi_server *s = l->server;
	const size_t n = l->begun;
	void *begun[FCGI_TOGETHER_MAX];

	for (size_t i = 0; i < n; i++)
		begun[i] = l->turns[i].begun;
	if (n > 1) {
		connections_busy(l->connections);
		s->does.ask(s->app, begun, n);
		connections_free_again(l->connections);
	}
	for (size_t i = 0; i < n; i++)
		answer(l, &l->turns[i]);
	if (n > 1)
		s->does.forget(s->app);
	l->begun = 0;
}

/* A request as libfcgi has it between two requests of a kept connection; the same members in 2.4.2 and
 * 2.4.5.  Without a listening socket of its own it accepts none when this one fails.  Detached, the
 * connection is closed without waiting for nginx to close first. */
static FCGX_Request request_on(int fd)
{
	FCGX_Request r = { .ipcFd = fd, .keepConnection = 1, .listen_sock = -1 };

	FCGX_Detach(&r);
	return r;
}

static bool begin(struct loop *l, struct turn *t, enum fcgi_begun *ret)
{
	const struct fcgi_server *s = l->server;

	if (FCGX_Accept_r(&t->fcgi) != 0)
		return false;
	if (!t->arena)
		t->arena = arena_new(ARENA_FIRST);
	request_init(
		&t->request, t->arena, (const char *const *)t->fcgi.envp, read_stream, t->fcgi.in);
	*ret = s->does.begin(s->app, &t->request, &t->begun);
	return true;
}

/* Its request is answered now, or soon. */
static void serve(struct loop *l, struct connection *k)
{
	struct turn *t = &l->turns[l->begun];
	enum fcgi_begun begun;

	if (!k || !connections_look(l->connections, k))
		return;
	t->connection = k;
	t->fcgi = request_on(connections_begin(l->connections, k));
	connections_busy(l->connections);
	bool is_request = begin(l, t, &begun);

	connections_free_again(l->connections);
	if (!is_request) {
		connections_end(l->connections, k, t->fcgi.ipcFd >= 0);
		return;
	}
	if (begun == FCGI_TOGETHER)
		l->begun++;
	if (begun == FCGI_ALONE || l->begun == FCGI_TOGETHER_MAX)
		answer_begun(l);
	if (begun != FCGI_TOGETHER)
		answer(l, t);
}

/* EAGAIN: another worker was faster. The others are the peer's. */
static bool listener_is_well(int error)
{
	return error == EAGAIN || error == ECONNABORTED || error == EINTR;
}

static enum err serve_new(struct loop *l, int listener)
{
	for (int i = 0; i < BATCH; i++) {
		struct connection *k = connections_accept(l->connections, listener);

		if (!k && listener_is_well(errno))
			break;
		if (!k) {
			log_error("cannot accept: %s", strerror(errno));
			return ERR_INTERNAL;
		}
		serve(l, k);
	}
	return ERR_OK;
}

static void tick(struct loop *l)
{
	uint64_t times;

	if (read(l->timer, &times, sizeof(times)) != sizeof(times))
		return;
	l->server->does.idle(l->server->app);
	connections_sweep(l->connections);
	log_flush();
}

/* No new ones.  What waits on the others is answered, an idle one closed; one whose request is still
 * coming has its time. */
static void wind_up(struct loop *l)
{
	const struct fcgi_server *s = l->server;

	l->ending = true;
	epoll_ctl(l->epoll, EPOLL_CTL_DEL, s->listener, NULL);
	for (int i = 0; i < s->other_count; i++)
		epoll_ctl(l->epoll, EPOLL_CTL_DEL, s->others[i], NULL);
	epoll_ctl(l->epoll, EPOLL_CTL_DEL, l->signals, NULL);
	connections_wind_up(l->connections);
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		serve(l, connections_nth(l->connections, i));
}

static bool is_listener(const struct fcgi_server *s, int fd)
{
	for (int i = 0; i < s->other_count; i++)
		if (fd == s->others[i])
			return true;
	return fd == s->listener;
}

static enum err on_event(struct loop *l, int fd)
{
	const struct fcgi_server *s = l->server;

	if (is_listener(s, fd))
		return l->ending ? ERR_OK : serve_new(l, fd);
	if (fd != l->timer && fd != l->signals) {
		serve(l, connections_find(l->connections, fd));
		return ERR_OK;
	}
	answer_begun(l);
	if (fd == l->timer)
		tick(l);
	else
		wind_up(l);
	return ERR_OK;
}

static void on_quiet(struct loop *l)
{
	log_flush();
	if (l->ending)
		connections_sweep(l->connections);
}

static enum err run(struct loop *l)
{
	struct epoll_event events[EVENTS];
	enum err e = ERR_OK;

	while (e == ERR_OK && !(l->ending && connections_are_none(l->connections))) {
		int patience = l->ending || log_waits() ? QUIET_MS : -1;
		int n = epoll_wait(l->epoll, events, EVENTS, patience);

		if (n == 0)
			on_quiet(l);
		for (int i = 0; i < n && e == ERR_OK; i++)
			e = on_event(l, events[i].data.fd);
		answer_begun(l);
		if (l->server->kept)
			counter_set(l->server->kept, connections_kept(l->connections));
	}
	return e;
}

static bool watch(struct loop *l, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return fd >= 0 && epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool watch_listener(struct loop *l, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	       watch(l, fd, EPOLLIN | EPOLLEXCLUSIVE);
}

static bool watch_listeners(struct loop *l)
{
	const struct fcgi_server *s = l->server;

	for (int i = 0; i < s->other_count; i++)
		if (!watch_listener(l, s->others[i]))
			return false;
	return watch_listener(l, s->listener);
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

static bool set_up_fcgi(void)
{
	if (FCGX_Init() != 0)
		return false;
	signal(SIGPIPE, SIG_IGN);
	return true;
}

static bool set_up(struct loop *l)
{
	const struct fcgi_server *s = l->server;

	if (!set_up_signals(l) || !set_up_fcgi())
		return false;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0)
		return false;
	l->connections = connections_new(l->epoll, s->patience_ms);
	if (!watch_listeners(l) || !watch(l, l->signals, EPOLLIN))
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

	buf_init(&l.out, s->response_max);
	log_collect(true);
	if (set_up(&l))
		e = run(&l);
	else
		log_error("cannot set up the worker's loop: %s", strerror(errno));
	log_collect(false);
	connections_free(&l.connections);
	close_if_open(l.signals);
	close_if_open(l.timer);
	close_if_open(l.epoll);
	buf_finish(&l.out);
	for (size_t i = 0; i < FCGI_TOGETHER_MAX; i++)
		arena_free(&l.turns[i].arena);
	return e;
}
