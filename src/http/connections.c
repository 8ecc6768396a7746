/*
 * The table is changed by the worker alone and only while it is not `busy`; the second thread touches it only
 * while it is, and both look at that under the lock.  Uncontended, the lock costs no system call; nor
 * does the thread while no connection is kept or no request comes.
 */
#define _GNU_SOURCE
#include "http/connections.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/fcgi_wire.h"

#define LOOK_BYTES  (64 * 1024) /* above any header that nginx passes on; larger ones have a body */
#define PAUSE_S     10          /* of a web server in the middle of a body */
#define COMING_MS   20          /* between a web server's connecting and its sending */
#define QUIET_LOOKS 20          /* without a request, then the thread waits to be called */
#define STACK_BYTES (256 * 1024)
#define MS_NS       1000000L

enum connection_state {
	CONNECTION_NONE,
	CONNECTION_NEW,     /* accepted; its request is not there, or not all of it */
	CONNECTION_KEPT,    /* answered, and open for the next request */
	CONNECTION_SERVED,  /* its request was read, and is not answered yet */
	CONNECTION_RETURNED /* shut down for a long request; closed after it */
};

struct connection {
	enum connection_state state;
	int fd;
	bool watched, partial; /* partial: a part of a request is there */
	int64_t since_ms;      /* in this state, or partial */
};

struct connections {
	int epoll;
	struct timespec patience;
	bool winding_up;
	struct connection all[CONNECTIONS_MAX];
	int kept;
	pthread_t thread;
	bool has_thread, keeps_none; /* keeps_none: it cannot be had */
	pthread_mutex_t lock;
	pthread_cond_t call;
	bool asleep, ended; /* under the lock, as the next ones */
	bool busy;
	uint64_t begun; /* how often it was busy */
	char bytes[LOOK_BYTES];
};

struct connections *connections_new(int epoll, unsigned patience_ms)
{
	struct connections *c = mem_alloc(sizeof(*c));

	c->epoll = epoll;
	c->patience = (struct timespec){ patience_ms / 1000, patience_ms % 1000 * MS_NS };
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->call, NULL);
	return c;
}

/* ---- the second thread --------------------------------------------------------------------------- */

static void return_kept(struct connections *c)
{
	for (struct connection *k = c->all; k < c->all + CONNECTIONS_MAX; k++)
		if (k->state == CONNECTION_KEPT) {
			shutdown(k->fd, SHUT_RDWR);
			k->state = CONNECTION_RETURNED;
		}
}

static void look_away(struct connections *c)
{
	pthread_mutex_unlock(&c->lock);
	nanosleep(&c->patience, NULL);
	pthread_mutex_lock(&c->lock);
}

static void wait_for_call(struct connections *c)
{
	c->asleep = true;
	while (c->asleep && !c->ended)
		pthread_cond_wait(&c->call, &c->lock);
}

static void *watch_over(void *arg)
{
	struct connections *c = arg;
	int quiet = 0;

	pthread_mutex_lock(&c->lock);
	while (!c->ended) {
		uint64_t seen = c->begun;

		look_away(c);
		quiet = c->busy || c->begun != seen ? 0 : quiet + 1;
		if (c->busy && c->begun == seen)
			return_kept(c);
		if (quiet >= QUIET_LOOKS) {
			wait_for_call(c);
			quiet = 0;
		}
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* Without it nothing may be kept. */
static bool start_thread(struct connections *c)
{
	pthread_attr_t attributes;
	sigset_t all, former;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &former);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	error = pthread_create(&c->thread, &attributes, watch_over, c);
	pthread_attr_destroy(&attributes);
	pthread_sigmask(SIG_SETMASK, &former, NULL);
	if (error)
		log_warn("no thread that watches over kept connections, so none is kept: error %d",
			error);
	c->has_thread = error == 0;
	c->keeps_none = !c->has_thread;
	return c->has_thread;
}

static void end_thread(struct connections *c)
{
	if (!c->has_thread)
		return;
	pthread_mutex_lock(&c->lock);
	c->ended = true;
	pthread_cond_signal(&c->call);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
}

/* ---- the table ----------------------------------------------------------------------------------- */

static void forget(struct connection *k)
{
	*k = (struct connection){ .state = CONNECTION_NONE };
}

/* Closing takes it out of the epoll as well. */
static void drop(struct connections *c, struct connection *k)
{
	c->kept -= k->state == CONNECTION_KEPT;
	close(k->fd);
	forget(k);
}

static int64_t end_of(const struct connection *k)
{
	bool idle = k->state == CONNECTION_KEPT && !k->partial;

	return k->since_ms + (idle ? CONNECTIONS_IDLE_MS : CONNECTIONS_SEND_MS);
}

/* Open, with its request not at hand. */
static bool waits(const struct connection *k)
{
	return k->state != CONNECTION_NONE && k->state != CONNECTION_SERVED;
}

/* One is free, or made free: an idle one, whose request nginx repeats, before one that is being sent. */
static struct connection *room(struct connections *c)
{
	struct connection *chosen = NULL;

	for (struct connection *k = c->all; k < c->all + CONNECTIONS_MAX; k++) {
		if (k->state == CONNECTION_NONE)
			return k;
		if (waits(k) &&
			(!chosen ||
				(k->state == CONNECTION_KEPT && chosen->state != CONNECTION_KEPT) ||
				(k->state == chosen->state && end_of(k) < end_of(chosen))))
			chosen = k;
	}
	drop(c, chosen);
	return chosen;
}

struct connection *connections_accept(struct connections *c, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return NULL;
	struct connection *k = room(c);

	*k = (struct connection){ .state = CONNECTION_NEW, .fd = fd, .since_ms = clock_ms() };
	return k;
}

struct connection *connections_find(struct connections *c, int fd)
{
	for (struct connection *k = c->all; k < c->all + CONNECTIONS_MAX; k++)
		if (waits(k) && k->fd == fd)
			return k;
	return NULL;
}

struct connection *connections_nth(struct connections *c, int n)
{
	return n < CONNECTIONS_MAX && c->all[n].state != CONNECTION_NONE ? &c->all[n] : NULL;
}

bool connections_are_none(const struct connections *c)
{
	for (const struct connection *k = c->all; k < c->all + CONNECTIONS_MAX; k++)
		if (k->state != CONNECTION_NONE)
			return false;
	return true;
}

static bool watch(struct connections *c, struct connection *k)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.fd = k->fd };

	if (!k->watched)
		k->watched = epoll_ctl(c->epoll, EPOLL_CTL_ADD, k->fd, &event) == 0;
	return k->watched;
}

/* ---- requests ------------------------------------------------------------------------------------ */

/* It is not all there and will not fit: its body is read while nginx sends it.  On a kept connection
 * there are none with a body. */
static bool take_large(struct connection *k)
{
	const struct timeval pause = { .tv_sec = PAUSE_S };

	return k->state == CONNECTION_NEW &&
	       setsockopt(k->fd, SOL_SOCKET, SO_RCVTIMEO, &pause, sizeof(pause)) == 0;
}

static void wait_for_more(struct connections *c, struct connection *k, bool partial)
{
	if (partial && !k->partial)
		k->since_ms = k->state == CONNECTION_KEPT ? clock_ms() : k->since_ms;
	k->partial = partial;
	if ((k->state == CONNECTION_KEPT && !partial && c->winding_up) || !watch(c, k))
		drop(c, k);
}

static ssize_t peek(struct connections *c, const struct connection *k)
{
	return recv(k->fd, c->bytes, LOOK_BYTES, MSG_PEEK | MSG_DONTWAIT);
}

/* nginx connects and sends at once.  Were another request begun in between, this one would have to wait
 * for it, and no other worker can take it. */
static bool is_coming(const struct connection *k)
{
	struct pollfd fd = { .fd = k->fd, .events = POLLIN };

	return k->state == CONNECTION_NEW && !k->watched && poll(&fd, 1, COMING_MS) == 1;
}

bool connections_look(struct connections *c, struct connection *k)
{
	ssize_t n = peek(c, k);

	if (n < 0 && errno == EAGAIN && is_coming(k))
		n = peek(c, k);

	bool nothing = n < 0 && (errno == EAGAIN || errno == EINTR);
	enum fcgi_wire wire = nothing  ? FCGI_WIRE_PART
			      : n <= 0 ? FCGI_WIRE_BROKEN
				       : fcgi_wire_look((struct str){ c->bytes, (size_t)n });

	if (n > 0)
		mem_wipe(c->bytes, (size_t)n);
	if (wire == FCGI_WIRE_WHOLE || (n == LOOK_BYTES && wire == FCGI_WIRE_PART && take_large(k)))
		return true;
	if (wire == FCGI_WIRE_BROKEN || n == LOOK_BYTES)
		drop(c, k);
	else
		wait_for_more(c, k, !nothing);
	return false;
}

int connections_begin(struct connections *c, struct connection *k)
{
	c->kept -= k->state == CONNECTION_KEPT;
	k->state = CONNECTION_SERVED;
	return k->fd;
}

void connections_busy(struct connections *c)
{
	pthread_mutex_lock(&c->lock);
	c->begun++;
	c->busy = true;
	if (c->asleep && c->kept) {
		c->asleep = false;
		pthread_cond_signal(&c->call);
	}
	pthread_mutex_unlock(&c->lock);
}

size_t connections_kept(const struct connections *c)
{
	return (size_t)c->kept;
}

bool connections_have_room(const struct connections *c, size_t most)
{
	return !c->winding_up && !c->keeps_none && c->kept < CONNECTIONS_KEPT_MAX &&
	       (size_t)c->kept < most;
}

static void close_returned(struct connections *c)
{
	for (struct connection *k = c->all; k < c->all + CONNECTIONS_MAX; k++)
		if (k->state == CONNECTION_RETURNED) {
			c->kept--;
			drop(c, k);
		}
}

static void keep(struct connections *c, struct connection *k)
{
	k->state = CONNECTION_KEPT;
	k->since_ms = clock_ms();
	k->partial = false;
	c->kept++;
	if ((!c->has_thread && !start_thread(c)) || !watch(c, k))
		drop(c, k);
}

void connections_free_again(struct connections *c)
{
	pthread_mutex_lock(&c->lock);
	c->busy = false;
	pthread_mutex_unlock(&c->lock);
	close_returned(c);
}

void connections_end(struct connections *c, struct connection *k, bool open)
{
	if (open)
		keep(c, k);
	else
		forget(k);
}

void connections_sweep(struct connections *c)
{
	int64_t now = clock_ms();

	for (struct connection *k = c->all; k < c->all + CONNECTIONS_MAX; k++)
		if (waits(k) && now >= end_of(k))
			drop(c, k);
}

void connections_wind_up(struct connections *c)
{
	c->winding_up = true;
}

void connections_free(struct connections **c)
{
	if (!*c)
		return;
	end_thread(*c);
	for (struct connection *k = (*c)->all; k < (*c)->all + CONNECTIONS_MAX; k++)
		if (k->state != CONNECTION_NONE)
			drop(*c, k);
	pthread_cond_destroy(&(*c)->call);
	pthread_mutex_destroy(&(*c)->lock);
	free(*c);
	*c = NULL;
}
