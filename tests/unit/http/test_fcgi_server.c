#include "http/fcgi_server.h"

#include <pthread.h>
#include <stdatomic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "http/connections.h"

#include "../unit.h"

/* FastCGI 1.0, 3.3: version, type, request id (2), length (2), padding, reserved. */
enum { FCGI_BEGIN = 1, FCGI_END = 3, FCGI_PARAMS = 4, FCGI_STDIN = 5, FCGI_STDOUT = 6 };

#define BODY_MAX 1000
#define MANY     20
#define CROWD    5

struct app {
	int handled;
	size_t begun, asked; /* that go together: now, and at most at once */
	bool was_late;       /* one was asked for, or answered, out of its turn */
	bool was_at_once;    /* one that waits for none, while others were begun */
	atomic_bool is_slow, may_go_on, client_is_done, keeps_none;
};

/* What the client got back, one answer an entry. */
struct results {
	struct app *app;
	char get[512], head[512], echo[512], unread[512], large[512], empty[512], after[512];
	char kept[2][512], part[512], beside[512], by_bytes[512], slow[512];
	char crowd[CROWD][512], at_once[512], behind[512];
	bool was_closed_for_garbage, was_closed_for_trailer, was_given_back, was_closed_at_end,
		was_not_kept;
	int still_kept, last; /* last: a descriptor, kept to the end */
};

static char path[] = "/tmp/fcgi-test-XXXXXX/sock";

static void add_record(struct buf *b, int type, struct str s)
{
	const char head[8] = { 1, (char)type, 0, 1, (char)(s.n >> 8), (char)(s.n & 255), 0, 0 };

	buf_add(b, head, sizeof(head));
	buf_add(b, s.p, s.n);
}

static void add_param(struct buf *b, const char *name, const char *value)
{
	buf_add_char(b, (char)strlen(name));
	buf_add_char(b, (char)strlen(value));
	buf_add_str(b, name);
	buf_add_str(b, value);
}

/* The whole of a request as nginx sends it, with or without FCGI_KEEP_CONN. */
static void compose_as(
	struct buf *b, const char *method, const char *target, struct str body, bool keep)
{
	struct buf params;
	char length[24];

	buf_init(&params, 4096);
	snprintf(length, sizeof(length), "%zu", body.n);
	add_param(&params, "REQUEST_METHOD", method);
	add_param(&params, "REQUEST_URI", target);
	add_param(&params, "CONTENT_LENGTH", length);
	add_record(
		b, FCGI_BEGIN, (struct str){ keep ? "\0\1\1\0\0\0\0\0" : "\0\1\0\0\0\0\0\0", 8 });
	add_record(b, FCGI_PARAMS, buf_str(&params));
	add_record(b, FCGI_PARAMS, STR(""));
	while (body.n) {
		size_t n = body.n > 30000 ? 30000 : body.n;

		add_record(b, FCGI_STDIN, (struct str){ body.p, n });
		body.p += n;
		body.n -= n;
	}
	add_record(b, FCGI_STDIN, STR(""));
	buf_finish(&params);
}

static void compose(struct buf *b, const char *method, const char *target, struct str body)
{
	compose_as(b, method, target, body, false);
}

static bool read_all(int fd, void *p, size_t n)
{
	return recv(fd, p, n, MSG_WAITALL) == (ssize_t)n;
}

/* Joins the stdout records until the request ends, or the server closes. */
static void receive(int fd, char *out, size_t cap)
{
	unsigned char head[8];
	size_t n = 0;

	while (read_all(fd, head, sizeof(head))) {
		size_t length = (size_t)head[4] << 8 | head[5], all = length + head[6];
		char *content = malloc(all + 1);

		if (all && !read_all(fd, content, all))
			length = 0;
		for (size_t i = 0; head[1] == FCGI_STDOUT && i < length && n < cap - 1; i++)
			out[n++] = content[i];
		free(content);
		if (head[1] == FCGI_END)
			break;
	}
	out[n] = '\0';
}

static int call(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(addr.sun_path, path);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0)
		abort();
	return fd;
}

static void put(int fd, struct str s)
{
	if (send(fd, s.p, s.n, MSG_NOSIGNAL) != (ssize_t)s.n)
		abort();
}

/* A request that asks for the connection to be kept; the caller frees it. */
static struct buf keeping(const char *target)
{
	struct buf request;

	buf_init(&request, 4096);
	compose_as(&request, "GET", target, STR(""), true);
	return request;
}

static void ask(int fd, const char *target, char out[512])
{
	struct buf request = keeping(target);

	put(fd, buf_str(&request));
	receive(fd, out, 512);
	buf_finish(&request);
}

/* Waits for it. */
static bool is_closed(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, 0);

	close(fd);
	return n <= 0;
}

static void talk(const char *method, const char *target, struct str body, char out[512])
{
	int fd = call();
	struct buf request;

	buf_init(&request, 4 << 20);
	compose(&request, method, target, body);
	put(fd, buf_str(&request));
	receive(fd, out, 512);
	close(fd);
	buf_finish(&request);
}

/* A client that goes away before the answer. */
static void hang_up(void)
{
	int fd = call();
	struct buf request;

	buf_init(&request, 4096);
	compose(&request, "GET", "/large", STR(""));
	put(fd, buf_str(&request));
	close(fd);
	buf_finish(&request);
}

/* Half a request holds up no other, whether it is the first of a connection or not. */
static void send_in_parts(struct results *r, int fd)
{
	struct buf request = keeping("/hello");
	struct str all = buf_str(&request);

	put(fd, (struct str){ all.p, 30 });
	talk("GET", "/hello", STR(""), r->beside);
	put(fd, (struct str){ all.p + 30, all.n - 30 });
	receive(fd, r->part, 512);
	for (size_t i = 0; i < all.n; i++)
		put(fd, (struct str){ all.p + i, 1 });
	receive(fd, r->by_bytes, 512);
	buf_finish(&request);
}

/* What is no request, and what comes after one before it is answered. */
static void send_garbage(struct results *r)
{
	struct buf request = keeping("/hello");
	int fd = call();

	ask(fd, "/hello", r->kept[1]);
	put(fd, STR("GET / HTTP/1.1\r\n\r\n"));
	r->was_closed_for_garbage = is_closed(fd);
	fd = call();
	buf_add_char(&request, 'x');
	put(fd, buf_str(&request));
	r->was_closed_for_trailer = is_closed(fd);
	buf_finish(&request);
}

static void keep_many(struct results *r)
{
	char answer[512], byte;
	int fds[MANY];

	for (int i = 0; i < MANY; i++) {
		fds[i] = call();
		ask(fds[i], "/hello", answer);
	}
	/* Answered, so that the worker is done with all of them. */
	talk("GET", "/hello", STR(""), answer);
	for (int i = 0; i < MANY; i++) {
		r->still_kept += recv(fds[i], &byte, 1, MSG_DONTWAIT) < 0;
		close(fds[i]);
	}
	talk("GET", "/hello", STR(""), answer);
}

/* A request takes long, and what is kept is closed meanwhile. */
static void be_slow(struct results *r)
{
	int kept = call(), slow = call();
	struct buf request = keeping("/slow");

	ask(kept, "/hello", r->kept[0]);
	put(slow, buf_str(&request));
	r->was_given_back = is_closed(kept);
	r->app->may_go_on = true;
	receive(slow, r->slow, 512);
	close(slow);
	buf_finish(&request);
}

static void wait_until(const atomic_bool *b)
{
	while (!*b)
		usleep(1000);
}

/* Requests come while the worker is at a slow one; behind them one that waits for none, and one that has to be
 * answered alone. */
static void come_together(struct results *r)
{
	const char *const last[] = { "/at_once", "/hello" };
	int fds[CROWD + 2], slow = call();
	struct buf request = keeping("/slow");
	char target[16];

	for (int i = 0; i < CROWD + 2; i++) {
		fds[i] = call();
		ask(fds[i], "/hello", r->kept[0]);
	}
	r->app->is_slow = r->app->may_go_on = false;
	put(slow, buf_str(&request));
	wait_until(&r->app->is_slow);
	for (int i = 0; i < CROWD + 2; i++) {
		snprintf(target, sizeof(target), "/crowd/%d", i);
		struct buf one = keeping(i < CROWD ? target : last[i - CROWD]);

		put(fds[i], buf_str(&one));
		buf_finish(&one);
	}
	r->app->may_go_on = true;
	for (int i = 0; i < CROWD; i++)
		receive(fds[i], r->crowd[i], 512);
	receive(fds[CROWD], r->at_once, 512);
	receive(fds[CROWD + 1], r->behind, 512);
	for (int i = 0; i < CROWD + 2; i++)
		close(fds[i]);
	receive(slow, r->slow, 512);
	close(slow);
	buf_finish(&request);
}

/* One that was kept is closed with its next answer, once none may be. */
static void keep_none(struct results *r)
{
	int fd = call();

	ask(fd, "/hello", r->kept[0]);
	r->app->keeps_none = true;
	ask(fd, "/hello", r->kept[1]);
	r->was_not_kept = is_closed(fd);
	r->app->keeps_none = false;
}

static void drill_kept(struct results *r)
{
	int parts[2] = { call(), call() };

	send_in_parts(r, parts[0]);
	ask(parts[1], "/hello", r->kept[0]);
	send_in_parts(r, parts[1]);
	close(parts[0]);
	close(parts[1]);
	send_garbage(r);
	keep_many(r);
	be_slow(r);
	come_together(r);
	keep_none(r);
	r->last = call();
	ask(r->last, "/hello", r->kept[1]);
}

static void *client(void *arg)
{
	struct results *r = arg;
	const size_t huge = 900000;
	char *upload = mem_alloc(huge);

	talk("GET", "/hello", STR(""), r->get);
	talk("HEAD", "/hello", STR(""), r->head);
	talk("POST", "/echo", STR("a=1"), r->echo);
	talk("POST", "/hello", (struct str){ upload, huge }, r->unread);
	talk("GET", "/overflow", STR(""), r->large);
	talk("GET", "/empty", STR(""), r->empty);
	hang_up();
	talk("GET", "/hello", STR(""), r->after);
	drill_kept(r);
	free(upload);
	r->app->client_is_done = true;
	return NULL;
}

static enum fcgi_begun begin(void *app, struct request *r, void **ret_begun)
{
	struct app *a = app;
	bool together = str_starts(r->path, "/crowd/");

	*ret_begun = r;
	a->begun += together;
	if (str_is(r->path, "/at_once"))
		return FCGI_AT_ONCE;
	return together ? FCGI_TOGETHER : FCGI_ALONE;
}

static void ask_for(void *app, void *const *begun, size_t n)
{
	struct app *a = app;

	for (size_t i = 0; i < n; i++)
		a->was_late |= !str_starts(((const struct request *)begun[i])->path, "/crowd/");
	a->was_late |= n != a->begun || n < 2;
	a->asked = n > a->asked ? n : a->asked;
}

static void forget(void *app)
{
	struct app *a = app;

	a->was_late |= a->begun != 0;
}

static void finish(void *app, void *begun, struct buf *out)
{
	struct app *a = app;
	struct request *r = begun;
	struct str body = STR("hello");

	a->handled++;
	if (str_starts(r->path, "/crowd/")) {
		a->begun--;
		body = r->path;
	}
	/* What was begun before is answered before what may last, and waits while what does not is answered. */
	if (str_is(r->path, "/at_once"))
		a->was_at_once |= a->begun > 0;
	else
		a->was_late |= a->begun && !str_starts(r->path, "/crowd/");
	if (str_is(r->path, "/slow")) {
		a->is_slow = true;
		wait_until(&a->may_go_on);
	}
	if (str_is(r->path, "/empty"))
		return;
	if (str_is(r->path, "/echo") && request_body(r, BODY_MAX, &body) != ERR_OK)
		body = STR("?");
	buf_printf(out, "Status: 200 OK\r\nX-Length: %zu\r\n\r\n", body.n);
	buf_add(out, body.p, body.n);
	while (str_is(r->path, "/overflow") && !out->overflow)
		buf_add_str(out, "0123456789abcdef");
	for (int i = 0; str_is(r->path, "/large") && i < 4000; i++)
		buf_add_str(out, "0123456789abcdef");
}

static size_t keeps(void *app)
{
	return ((struct app *)app)->keeps_none ? 0 : CONNECTIONS_KEPT_MAX;
}

/* Only called between requests, and then it ends the test. */
static void idle(void *app)
{
	if (((struct app *)app)->client_is_done)
		kill(getpid(), SIGTERM);
}

static int make_listener(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	*strrchr(path, '/') = '\0';
	assert_non_null(mkdtemp(path));
	path[strlen(path)] = '/';
	strcpy(addr.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 16), 0);
	return fd;
}

static void remove_listener(int fd)
{
	close(fd);
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

static void requests_are_answered_until_told_to_stop(void **state)
{
	struct app app = { 0 };
	struct results got = { .app = &app };
	pthread_t thread;
	sigset_t term;
	const struct fcgi_server server = { .listener = make_listener(),
		.response_max = 100000,
		.idle_ms = 1,
		.patience_ms = 300,
		.does = { begin, ask_for, forget, finish, keeps, idle },
		.app = &app };

	(void)state;
	/* Nor may the client's thread take the signal. */
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	assert_int_equal(pthread_create(&thread, NULL, client, &got), 0);
	assert_int_equal(fcgi_server_run(&server), ERR_OK);
	pthread_join(thread, NULL);
	got.was_closed_at_end = is_closed(got.last);
	remove_listener(server.listener);
	assert_string_equal(got.get, "Status: 200 OK\r\nX-Length: 5\r\n\r\nhello");
	assert_string_equal(got.head, "Status: 200 OK\r\nX-Length: 5\r\n\r\n");
	assert_string_equal(got.echo, "Status: 200 OK\r\nX-Length: 3\r\n\r\na=1");
	assert_string_equal(got.unread, got.get);
	assert_memory_equal(got.large, "Status: 500 ", 12);
	assert_memory_equal(got.empty, "Status: 500 ", 12);
	assert_string_equal(got.after, got.get);
	assert_string_equal(got.kept[0], got.get);
	assert_string_equal(got.kept[1], got.get);
	assert_string_equal(got.beside, got.get);
	assert_string_equal(got.part, got.get);
	assert_string_equal(got.by_bytes, got.get);
	assert_true(got.was_closed_for_garbage && got.was_closed_for_trailer);
	assert_in_range(got.still_kept, 1, CONNECTIONS_KEPT_MAX);
	assert_true(got.was_given_back && got.was_closed_at_end && got.was_not_kept);
	assert_string_equal(got.slow, got.get);
	for (int i = 0; i < CROWD; i++) {
		char want[64];

		snprintf(want, sizeof(want), "Status: 200 OK\r\nX-Length: 8\r\n\r\n/crowd/%d", i);
		assert_string_equal(got.crowd[i], want);
	}
	assert_string_equal(got.behind, got.get);
	assert_string_equal(got.at_once, got.get);
	assert_true(app.was_at_once);
	assert_in_range(app.asked, 2, CROWD);
	assert_false(app.was_late);
	/* 8; in parts 6, and 1 before; 1 before garbage; many and 2; around the slow one 2; those that come
	 * together twice, the two behind them twice, and a slow one; where none is kept 2; the last. */
	assert_int_equal(app.handled, 8 + 6 + 1 + 1 + MANY + 2 + 2 + 2 * CROWD + 4 + 1 + 2 + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_answered_until_told_to_stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
