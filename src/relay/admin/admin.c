#include "relay/admin/admin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/open_metrics.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/process_figures.h"
#include "relay/admin/metric.h"
#include "relay/net/acceptor.h"
#include "relay/net/sock.h"

#define LINE_MAX_BYTES 1024
#define ANSWER_MAX     ((size_t)8 << 20)
#define CALLERS_MAX    16
#define CALL_MS        10000
#define WORDS_MAX      4

struct admin {
	struct admin_subject *subject;
	struct acceptor *acceptor;
	struct list callers;
	size_t count;
	struct deadline_queue ends;
};

struct caller {
	struct sock sock;
	struct list link;
	struct deadline end;
	struct admin *admin;
	struct buf line;
	bool answered;
};

static void caller_free(struct caller *r)
{
	struct admin *a = r->admin;

	deadline_clear(&r->end);
	sock_close(&r->sock, a->subject->loop);
	list_remove(&r->link);
	a->count--;
	buf_finish(&r->line);
	free(r);
}

void admin_figures_put(void *subject, bool open_metrics, struct buf *out)
{
	const struct admin_subject *a = subject;
	struct metric_text t = { out, open_metrics, RELAY_METRICS_PREFIX, NULL };
	const pid_t self = getpid();
	const struct process_figures process = process_figures_of(&self, 1);
	struct figures f;

	cti_count(a->cti, &f.cti);
	server_counters(a->server, &f.server);
	process_figures_put(&t, "dialtone-relay", a->version, &process);
	metric_put_rows(&t, relay_metrics, &f);
	metric_end(&t);
}

static void do_metrics(struct admin *a, char *const *words, struct buf *out)
{
	(void)words;
	admin_figures_put(a->subject, true, out);
}

static void do_http(struct admin *a, char *const *words, struct buf *out)
{
	struct buf text;

	buf_init(&text, ANSWER_MAX);
	do_metrics(a, words, &text);
	open_metrics_answer(out, &text);
	buf_finish(&text);
}

static void do_status(struct admin *a, char *const *words, struct buf *out)
{
	(void)words;
	admin_figures_put(a->subject, false, out);
}

static void put_client(void *arg, const struct cti_client_info *client)
{
	buf_printf(arg, "%s\t%s\t%s\t%s\t%" PRId64 "\n", client->sid, client->user, client->domain,
		client->ua, client->since);
}

static void do_sessions(struct admin *a, char *const *words, struct buf *out)
{
	cti_clients(a->subject->cti, words[1], put_client, out);
}

static void do_kick(struct admin *a, char *const *words, struct buf *out)
{
	bool for_good = !words[2] || strcmp(words[2], "back") != 0;

	if (words[1] && cti_kick(a->subject->cti, words[1], for_good))
		buf_add_str(out, "ok\n");
	else
		buf_add_str(out, "no such session\n");
}

static void do_drain(struct admin *a, char *const *words, struct buf *out)
{
	uint64_t rate = 0;

	if (words[1] && !str_to_uint(str_from(words[1]), INT32_MAX, &rate)) {
		buf_add_str(out, "what?\n");
		return;
	}
	a->subject->drain(a->subject->arg, (int64_t)rate);
	buf_add_str(out, "ok\n");
}

static const struct {
	const char *word;
	void (*fn)(struct admin *a, char *const *words, struct buf *out);
} commands[] = {
	{ "metrics", do_metrics },
	{ "GET", do_http },
	{ "status", do_status },
	{ "sessions", do_sessions },
	{ "kick", do_kick },
	{ "drain", do_drain },
};

static void run_line(struct admin *a, char *line, struct buf *out)
{
	char *words[WORDS_MAX + 1] = { NULL }, *rest = NULL;
	size_t n = 0;

	for (char *w = strtok_r(line, " \r\n", &rest); w && n < WORDS_MAX;
		w = strtok_r(NULL, " \r\n", &rest))
		words[n++] = w;
	for (size_t i = 0; n && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(words[0], commands[i].word) == 0) {
			commands[i].fn(a, words, out);
			return;
		}
	buf_add_str(out, "what?\n");
}

static void answer_line(struct caller *r)
{
	struct loop *loop = r->admin->subject->loop;
	struct buf out;
	enum err e;

	r->answered = true;
	buf_init(&out, ANSWER_MAX);
	run_line(r->admin, r->line.p, &out);
	e = sock_send_bytes(&r->sock, loop, buf_str(&out));
	buf_finish(&out);
	if (e != ERR_OK)
		caller_free(r);
	else if (sock_waiting(&r->sock) == 0)
		sock_end(&r->sock);
}

/* What comes behind the line (an HTTP head, say) is thrown away; the end of it is the end. */
static void read_line(struct caller *r)
{
	char bytes[256];
	size_t n = 0;
	enum err e = sock_read(&r->sock, bytes, sizeof(bytes), &n);

	if (e == ERR_AGAIN)
		return;
	if (e != ERR_OK) {
		caller_free(r);
		return;
	}
	if (r->answered)
		return;
	buf_add(&r->line, bytes, n);
	if (r->line.overflow)
		caller_free(r);
	else if (memchr(r->line.p, '\n', r->line.n))
		answer_line(r);
}

static void on_ready(struct watch *w, uint32_t events)
{
	struct caller *r = LIST_ENTRY(w, struct caller, sock.watch);

	if (events & EPOLLOUT) {
		if (sock_flush(&r->sock, r->admin->subject->loop) != ERR_OK) {
			caller_free(r);
			return;
		}
		if (r->answered && sock_waiting(&r->sock) == 0)
			sock_end(&r->sock);
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		read_line(r);
}

static void on_end(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	caller_free(LIST_ENTRY(d, struct caller, end));
}

static void on_accept(void *arg, int fd)
{
	struct admin *a = arg;
	struct caller *r = mem_alloc(sizeof(*r));

	r->admin = a;
	sock_open(&r->sock, a->subject->loop, fd, on_ready);
	buf_init(&r->line, LINE_MAX_BYTES);
	deadline_init(&r->end);
	list_add_tail(&a->callers, &r->link);
	if (++a->count > CALLERS_MAX)
		caller_free(r);
	else
		deadline_set(&r->end, &a->ends, loop_now(a->subject->loop) + CALL_MS);
}

enum err admin_new(struct admin_subject *subject, const char *path, struct admin **ret)
{
	struct admin *a = mem_alloc(sizeof(*a));
	enum err e;

	a->subject = subject;
	list_init(&a->callers);
	deadline_queue_init(&a->ends, on_end);
	loop_add_queue(subject->loop, &a->ends);
	*ret = a;
	e = acceptor_new(subject->loop, path, on_accept, a, &a->acceptor);
	if (e != ERR_OK)
		admin_free(ret);
	return e;
}

void admin_free(struct admin **admin)
{
	struct admin *a = *admin;

	if (!a)
		return;
	acceptor_free(&a->acceptor);
	LIST_FOR_EACH(r, &a->callers, struct caller, link)
		caller_free(r);
	loop_remove_queue(a->subject->loop, &a->ends);
	free(a);
	*admin = NULL;
}
