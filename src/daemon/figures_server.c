#define _GNU_SOURCE
#include "daemon/figures_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/http_status.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

#define REQUEST_MAX  8192
#define TEXT_MAX     ((size_t)8 << 20)
#define EVENTS       16
#define ACCEPTS      16   /* of a turn */
#define PAUSE_MS     1000 /* when no descriptor is left */
#define READY_FOR_MS 1000
#define TYPE_METRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define TYPE_JSON    "application/json"
#define TYPE_TEXT    "text/plain; charset=utf-8"

/* What an event is about: the first member of each. */
enum kind { KIND_OPERATORS, KIND_MONITORS, KIND_TIMER, KIND_CALLER };

struct watched {
	enum kind kind;
	int fd;
};

struct caller {
	struct watched watched;
	struct list link;
	bool is_operator, is_answered, is_at_end;
	int64_t end_ms;
	struct buf in, out;
};

struct figures_server {
	struct figures_source source;
	int epoll;
	struct watched operators, monitors, timer;
	struct list callers; /* the oldest first: all have the same time */
	size_t count;
	int64_t resume_ms; /* nothing is accepted until then; 0: it is */
	int64_t asked_ms;  /* when it was asked whether it is ready; 0: not yet */
	const char *missing;
	bool is_without_redis;
};

static bool watch(struct figures_server *s, struct watched *w, uint32_t events, int op)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	return w->fd >= 0 && epoll_ctl(s->epoll, op, w->fd, &e) == 0;
}

static void caller_free(struct figures_server *s, struct caller *c)
{
	close(c->watched.fd);
	list_remove(&c->link);
	s->count--;
	buf_finish(&c->in);
	buf_finish(&c->out);
	free(c);
}

static struct caller *oldest(struct figures_server *s)
{
	return list_is_empty(&s->callers) ? NULL : LIST_ENTRY(s->callers.next, struct caller, link);
}

/* Of the caller whose time ends first, or of the pause; 0 turns it off. */
static void set_timer(struct figures_server *s)
{
	const struct caller *first = oldest(s);
	int64_t end_ms = first ? first->end_ms : s->resume_ms, left = 0;

	if (s->resume_ms && s->resume_ms < end_ms)
		end_ms = s->resume_ms;
	if (end_ms)
		left = end_ms - clock_ms() > 0 ? end_ms - clock_ms() : 1;
	const struct itimerspec when = { .it_value = { left / 1000, left % 1000 * 1000000L } };

	timerfd_settime(s->timer.fd, 0, &when, NULL);
}

static void put_head(struct buf *out, int status, const char *type, size_t length)
{
	buf_printf(out,
		"HTTP/1.1 %d %s\r\n"
		"Content-Type: %s\r\n"
		"Content-Length: %zu\r\n"
		"Cache-Control: no-store\r\n"
		"Connection: close\r\n",
		status, http_status_reason(status), type, length);
	if (status == 405)
		buf_add_str(out, "Allow: GET, HEAD\r\n");
	buf_add_str(out, "\r\n");
}

static const char *missing(struct figures_server *s)
{
	int64_t now = clock_ms();

	if (!s->asked_ms || now - s->asked_ms >= READY_FOR_MS) {
		s->missing = s->source.ready(s->source.arg);
		s->is_without_redis = s->source.has_redis && !s->source.has_redis(s->source.arg);
		s->asked_ms = clock_ms();
	}
	return s->missing;
}

/* A path's answer: its status, and the body. */
static int put_metrics(struct figures_server *s, struct buf *body)
{
	s->source.put(s->source.arg, true, body);
	return 200;
}

static int put_live(struct figures_server *s, struct buf *body)
{
	(void)s;
	buf_add_str(body, "{\"status\":\"ok\"}");
	return 200;
}

static int put_ready(struct figures_server *s, struct buf *body)
{
	const char *word = missing(s);

	buf_printf(body, "{\"status\":\"%s\"%s}", word ? word : "ok",
		s->is_without_redis ? ",\"redis\":\"away\"" : "");
	return word ? 503 : 200;
}

static const struct page {
	const char *path, *type;
	int (*put)(struct figures_server *s, struct buf *body);
} pages[] = {
	{ "/metrics", TYPE_METRICS, put_metrics },
	{ "/health/live", TYPE_JSON, put_live },
	{ "/health/ready", TYPE_JSON, put_ready },
	{ "/up", TYPE_JSON, put_ready },
};

static const struct page *page_of(struct str path)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (str_is(path, pages[i].path))
			return &pages[i];
	return NULL;
}

static void refuse(struct buf *out, int status)
{
	const char *reason = http_status_reason(status);

	put_head(out, status, TYPE_TEXT, strlen(reason) + 1);
	buf_printf(out, "%s\n", reason);
}

static void answer_page(
	struct figures_server *s, struct buf *out, const struct page *page, bool with_body)
{
	struct buf body;
	int status;

	buf_init(&body, TEXT_MAX);
	status = page->put(s, &body);
	if (body.overflow) {
		log_error("figures: more than %zu bytes are not told", TEXT_MAX);
		refuse(out, 500);
	} else {
		put_head(out, status, page->type, body.n);
		if (with_body)
			buf_add(out, body.p, body.n);
	}
	buf_finish(&body);
}

/* "GET /metrics?x HTTP/1.1" */
static void answer_http(struct figures_server *s, struct buf *out, struct str line)
{
	struct str method = str_split(&line, ' '), target = str_split(&line, ' ');
	const struct page *page = page_of(str_split(&target, '?'));
	bool is_get = str_is(method, "GET");

	if (!str_starts(line, "HTTP/1."))
		refuse(out, 400);
	else if (!is_get && !str_is(method, "HEAD"))
		refuse(out, 405);
	else if (!page)
		refuse(out, 404);
	else
		answer_page(s, out, page, is_get);
}

/* To any path, as ever. */
static void answer_operator(struct figures_server *s, struct buf *out, struct str line)
{
	if (str_starts(line, "GET "))
		answer_page(s, out, pages, true);
	else if (str_starts(line, "status"))
		s->source.put(s->source.arg, false, out);
	else
		buf_add_str(out, "what?\n");
}

static bool is_whole(const struct caller *c)
{
	const struct buf *in = &c->in;

	if (!in->n)
		return false;
	/* dialtonectl sends a line alone, and no more than that; HTTP has a head with an end. */
	if (c->is_operator)
		return memchr(in->p, '\n', in->n) != NULL;
	return memmem(in->p, in->n, "\r\n\r\n", 4) || memmem(in->p, in->n, "\n\n", 2);
}

static void answer(struct figures_server *s, struct caller *c)
{
	struct str rest = buf_str(&c->in), line = str_trim(str_split(&rest, '\n'));

	if (c->is_operator)
		answer_operator(s, &c->out, line);
	else
		answer_http(s, &c->out, line);
	c->is_answered = true;
}

/* It hears the end, and then closes; what it still sends is thrown away, or it would lose the answer. */
static bool go_on(struct figures_server *s, struct caller *c)
{
	uint32_t events = (c->is_at_end ? 0 : EPOLLIN) | (c->out.n ? EPOLLOUT : 0);

	if (c->is_answered && !c->out.n)
		shutdown(c->watched.fd, SHUT_WR);
	return events && watch(s, &c->watched, events, EPOLL_CTL_MOD);
}

/* False when the peer is lost. */
static bool flush(struct caller *c)
{
	ssize_t n = 0;

	while (c->out.n && (n = send(c->watched.fd, c->out.p, c->out.n, MSG_NOSIGNAL)) > 0)
		buf_consume(&c->out, (size_t)n);
	return !c->out.n || n > 0 || errno == EAGAIN || errno == EINTR;
}

/* False when the peer is lost. */
static bool read_some(struct caller *c)
{
	char bytes[1024];
	ssize_t n = recv(c->watched.fd, bytes, sizeof(bytes), 0);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->is_at_end |= n == 0;
	if (!c->is_answered)
		buf_add(&c->in, bytes, (size_t)n);
	return true;
}

static void on_caller(struct figures_server *s, struct caller *c, uint32_t events)
{
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !read_some(c)) {
		caller_free(s, c);
		return;
	}
	if (!c->is_answered && c->in.overflow) {
		refuse(&c->out, 431);
		c->is_answered = true;
	} else if (!c->is_answered && is_whole(c)) {
		answer(s, c);
	}
	if (!flush(c) || !go_on(s, c))
		caller_free(s, c);
}

static void listen_for(struct figures_server *s, uint32_t events, int64_t resume_ms)
{
	watch(s, &s->operators, events, EPOLL_CTL_MOD);
	watch(s, &s->monitors, events, EPOLL_CTL_MOD);
	s->resume_ms = resume_ms;
}

static bool is_scarcity(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static bool accept_one(struct figures_server *s, const struct watched *from)
{
	int fd = accept4(from->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct caller *c;

	/* Who waits would wake the program again and again. */
	if (fd < 0 && is_scarcity(errno))
		listen_for(s, 0, clock_ms() + PAUSE_MS);
	if (fd < 0)
		return false;
	if (s->count == FIGURES_CALLERS_MAX)
		caller_free(s, oldest(s));
	c = mem_alloc(sizeof(*c));
	c->watched = (struct watched){ KIND_CALLER, fd };
	c->is_operator = from->kind == KIND_OPERATORS;
	c->end_ms = clock_ms() + FIGURES_CALL_MS;
	buf_init(&c->in, REQUEST_MAX);
	buf_init(&c->out, TEXT_MAX + REQUEST_MAX);
	list_add_tail(&s->callers, &c->link);
	s->count++;
	if (!watch(s, &c->watched, EPOLLIN, EPOLL_CTL_ADD))
		caller_free(s, c);
	return true;
}

static void drop_late(struct figures_server *s)
{
	int64_t now = clock_ms();

	for (struct caller *c = oldest(s); c && now >= c->end_ms; c = oldest(s))
		caller_free(s, c);
}

void figures_server_run(struct figures_server *s)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(s->epoll, events, EVENTS, 0);
	const struct watched *listening[2];
	size_t listening_n = 0;

	for (int i = 0; i < n; i++) {
		struct watched *w = events[i].data.ptr;

		if (w->kind == KIND_CALLER)
			on_caller(s, LIST_ENTRY(w, struct caller, watched), events[i].events);
		else if (w->kind != KIND_TIMER)
			listening[listening_n++] = w;
	}
	drop_late(s);
	if (s->resume_ms && clock_ms() >= s->resume_ms)
		listen_for(s, EPOLLIN, 0);
	/* Last: one that is dropped for a newcomer had its turn. */
	for (size_t i = 0; i < listening_n; i++)
		for (int k = 0; k < ACCEPTS && accept_one(s, listening[i]); k++)
			;
	set_timer(s);
}

int figures_server_fd(const struct figures_server *s)
{
	return s ? s->epoll : -1;
}

struct figures_server *figures_server_new(
	const struct figures_source *source, const struct figures_sockets *sockets)
{
	struct figures_server *s = mem_alloc(sizeof(*s));

	s->source = *source;
	list_init(&s->callers);
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->operators = (struct watched){ KIND_OPERATORS, sockets->operators.fd };
	s->monitors = (struct watched){ KIND_MONITORS, sockets->monitors.fd };
	s->timer = (struct watched){ KIND_TIMER,
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK) };
	if (s->epoll < 0 || !watch(s, &s->timer, EPOLLIN, EPOLL_CTL_ADD))
		log_fatal("figures: %s", strerror(errno));
	watch(s, &s->operators, EPOLLIN, EPOLL_CTL_ADD);
	watch(s, &s->monitors, EPOLLIN, EPOLL_CTL_ADD);
	return s;
}

void figures_server_free(struct figures_server **s)
{
	if (!*s)
		return;
	while (oldest(*s))
		caller_free(*s, oldest(*s));
	close((*s)->timer.fd);
	close((*s)->epoll);
	free(*s);
	*s = NULL;
}
