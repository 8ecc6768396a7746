#define _GNU_SOURCE
#include "relay/upstream/session_api.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "relay/net/sock.h"
#include "relay/upstream/fcgi.h"

#define SESSION_API_AT_ONCE    16
#define SESSION_API_TIMEOUT_MS 5000
#define SESSION_API_ANSWER_MAX 65536

struct question {
	struct session_api *api;
	struct list link; /* waiting or open */
	struct sock sock;
	struct deadline deadline; /* of the answer; due at once when it is already lost */
	struct buf request;       /* until it is sent; holds the token */
	struct fcgi_answer answer;
	session_answer_fn *fn;
	void *arg;
};

struct session_api {
	struct loop *loop;
	const char *path;
	struct list waiting, open;
	size_t waiting_count, open_count;
	struct deadline_queue deadlines;
	bool away; /* the outage has been logged */
};

static void open_next(struct session_api *a);

static void question_free(struct question *q)
{
	sock_close(&q->sock, q->api->loop);
	deadline_clear(&q->deadline);
	list_remove(&q->link);
	buf_wipe(&q->request);
	buf_finish(&q->request);
	fcgi_answer_finish(&q->answer);
	free(q);
}

static void note_away(struct session_api *a, bool away)
{
	if (away && !a->away)
		log_warn("the API does not answer session checks on %s: is dialtone-api running, "
			 "and may this user open its socket?  Logins wait",
			a->path);
	if (!away && a->away)
		log_info("the API answers session checks again");
	a->away = away;
}

/* Open ones only. */
static void answer(struct question *q, enum session_answer result, struct str body)
{
	struct session_api *a = q->api;

	note_away(a, result == SESSION_UNKNOWN);
	q->fn(q->arg, result, body);
	question_free(q);
	a->open_count--;
	open_next(a);
}

static void answer_from(struct question *q)
{
	struct str body = STR("");
	int status = 0;

	if (!fcgi_answer_read(&q->answer, &status, &body))
		answer(q, SESSION_UNKNOWN, STR(""));
	else if (status == 200)
		answer(q, SESSION_ALIVE, body);
	else if (status == 401 || status == 403)
		answer(q, SESSION_REFUSED, STR(""));
	else
		answer(q, SESSION_UNKNOWN, STR(""));
}

static void read_answer(struct question *q)
{
	uint8_t *p = loop_scratch(q->api->loop);
	size_t n = 0;
	enum err e = sock_read(&q->sock, p, LOOP_SCRATCH, &n);

	if (e == ERR_AGAIN)
		return;
	if (e == ERR_OK)
		e = fcgi_answer_feed(&q->answer, p, n);
	if (e == ERR_OK)
		answer_from(q);
	else if (e != ERR_AGAIN)
		answer(q, SESSION_UNKNOWN, STR(""));
}

static void on_ready(struct watch *w, uint32_t events)
{
	struct question *q = LIST_ENTRY(w, struct question, sock.watch);

	if (events & EPOLLOUT && sock_flush(&q->sock, q->api->loop) != ERR_OK) {
		answer(q, SESSION_UNKNOWN, STR(""));
		return;
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		read_answer(q);
}

static void on_deadline(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	answer(LIST_ENTRY(d, struct question, deadline), SESSION_UNKNOWN, STR(""));
}

/* A unix socket connects at once or not at all. -1: it did not. */
static int connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -1;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		close(fd);
		return -1;
	}
	sock_prepare(fd);
	return fd;
}

/* What fails here is told from the loop, as the asker may still be in its own call. */
static void question_open(struct question *q)
{
	struct session_api *a = q->api;
	int64_t until = loop_now(a->loop) + SESSION_API_TIMEOUT_MS;
	int fd = connect_to(a->path);

	if (fd < 0) {
		until = loop_now(a->loop);
	} else {
		sock_open(&q->sock, a->loop, fd, on_ready);
		if (sock_send_bytes(&q->sock, a->loop, buf_str(&q->request)) != ERR_OK)
			until = loop_now(a->loop);
	}
	buf_wipe(&q->request);
	deadline_set(&q->deadline, &a->deadlines, until);
}

static void open_next(struct session_api *a)
{
	while (a->open_count < SESSION_API_AT_ONCE && a->waiting_count > 0) {
		struct question *q = LIST_ENTRY(a->waiting.next, struct question, link);

		list_remove(&q->link);
		list_add_tail(&a->open, &q->link);
		a->waiting_count--;
		a->open_count++;
		question_open(q);
	}
}

static void put_request(struct buf *out, struct str authorization, struct str host)
{
	const struct fcgi_param params[] = {
		{ "GATEWAY_INTERFACE", STR("CGI/1.1") },
		{ "SERVER_PROTOCOL", STR("HTTP/1.1") },
		{ "REQUEST_METHOD", STR("GET") },
		{ "SCRIPT_NAME", STR("/internal/session") },
		{ "REQUEST_URI", STR("/internal/session") },
		{ "QUERY_STRING", STR("") },
		{ "REMOTE_ADDR", STR("127.0.0.1") },
		{ "HTTP_HOST", host },
		{ "HTTP_AUTHORIZATION", authorization },
		{ "DIALTONE_INTERNAL", STR("1") },
	};

	fcgi_request_put(out, params, sizeof(params) / sizeof(params[0]));
}

struct session_api *session_api_new(struct loop *loop, const char *path)
{
	struct session_api *a = mem_alloc(sizeof(*a));

	a->loop = loop;
	a->path = path;
	list_init(&a->waiting);
	list_init(&a->open);
	deadline_queue_init(&a->deadlines, on_deadline);
	loop_add_queue(loop, &a->deadlines);
	return a;
}

static void answer_all(struct list *questions)
{
	while (!list_is_empty(questions)) {
		struct question *q = LIST_ENTRY(questions->next, struct question, link);

		q->fn(q->arg, SESSION_UNKNOWN, STR(""));
		question_free(q);
	}
}

void session_api_free(struct session_api **a)
{
	if (!*a)
		return;
	answer_all(&(*a)->open);
	answer_all(&(*a)->waiting);
	loop_remove_queue((*a)->loop, &(*a)->deadlines);
	free(*a);
	*a = NULL;
}

void session_api_ask(struct session_api *a, struct str authorization, struct str host,
	session_answer_fn *fn, void *arg)
{
	struct question *q = mem_alloc(sizeof(*q));

	q->api = a;
	q->fn = fn;
	q->arg = arg;
	watch_init(&q->sock.watch, on_ready);
	deadline_init(&q->deadline);
	buf_init(&q->request, 16384);
	put_request(&q->request, authorization, host);
	fcgi_answer_init(&q->answer, SESSION_API_ANSWER_MAX);
	list_add_tail(&a->waiting, &q->link);
	a->waiting_count++;
	open_next(a);
}
