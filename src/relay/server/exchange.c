#include "exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "refused.h"

#define EXCHANGE_LINES_MAX 2048
#define REFUSAL_MAX        256
/* Besides a head or a body, what one read may bring. */
#define EXCHANGE_EXTRA (HTTP_HEAD_MAX + LOOP_SCRATCH)

struct exchange *exchange_get(struct conn *c)
{
	if (!c->exchange) {
		c->exchange = mem_alloc(sizeof(*c->exchange));
		buf_init(&c->exchange->in, c->server->settings->eio.max_payload + EXCHANGE_EXTRA);
	}
	return c->exchange;
}

static void forget_request(struct exchange *x)
{
	free(x->cors);
	*x = (struct exchange){ .in = x->in, .busy = x->busy };
}

void exchange_free(struct conn *c)
{
	if (!c->exchange)
		return;
	forget_request(c->exchange);
	buf_finish(&c->exchange->in);
	free(c->exchange);
	c->exchange = NULL;
}

static bool has_kept(const struct conn *c)
{
	return c->exchange && c->exchange->in.n > 0;
}

/* The connection is free for its next request, which may be here already; it is read when the answer
 * has left. */
static void next_request(struct conn *c)
{
	struct server *server = c->server;

	c->exchange->busy = false;
	if (sock_waiting(&c->sock))
		conn_wait_at_most(c, &server->stalls, server->settings->stall_ms);
	else
		exchange_resume(c);
}

void exchange_resume(struct conn *c)
{
	struct server *server = c->server;

	if (has_kept(c)) {
		conn_wait_at_most(c, &server->resumes, 0);
		return;
	}
	exchange_free(c);
	conn_wait_at_most(c, &server->idles, server->settings->idle_ms);
}

static void put_lines(struct buf *out, const char *lines)
{
	if (lines)
		buf_add_str(out, lines);
}

static void send_answer(struct conn *c, const struct http_answer *a)
{
	struct http_answer whole = *a;
	struct buf lines, out;

	buf_init(&lines, EXCHANGE_LINES_MAX);
	put_lines(&lines, a->headers);
	put_lines(&lines, c->exchange->headers);
	put_lines(&lines, c->exchange->cors);
	whole.headers = lines.p;
	whole.no_body = c->exchange->is_head;
	buf_init(&out, a->body.n + 2 * EXCHANGE_LINES_MAX);
	http_answer_put(&out, &whole);
	conn_send_bytes(c, buf_str(&out));
	buf_finish(&out);
	buf_finish(&lines);
}

void exchange_answer(struct conn *c, struct http_answer *a)
{
	const struct exchange *x = exchange_get(c);

	a->close = a->close || x->close || c->server->closing;
	deadline_clear(&c->deadline);
	send_answer(c, a);
	if (c->state >= CONN_ENDING)
		return;
	if (a->close) {
		conn_end(c);
		return;
	}
	c->state = CONN_HEAD;
	forget_request(c->exchange);
	if (!c->exchange->busy)
		next_request(c);
}

static const char *further_lines(const struct conn *c, int status, enum reason reason)
{
	if (status == 503)
		return "Retry-After: 5\r\n";
	if (status == 429)
		return "Retry-After: 1\r\n";
	if (status == 405)
		return "Allow: GET, POST, OPTIONS\r\n";
	return reason == REASON_REQUEST && c->exchange->upgrade ? "Sec-WebSocket-Version: 13\r\n"
								: NULL;
}

static bool ends_connection(int status)
{
	return status == 408 || status == 411 || status == 413 || status == 431;
}

static void refuse(struct conn *c, enum reason reason, bool close, struct buf *body)
{
	int status = reason_table[reason].status;
	struct http_answer a = { .status = status, .type = "application/json", .close = close };

	refused_note(c->server, reason, exchange_get(c)->network);
	a.headers = further_lines(c, status, reason);
	a.body = buf_str(body);
	exchange_answer(c, &a);
	buf_finish(body);
}

void exchange_refuse(struct conn *c, enum reason reason)
{
	const struct reason_row *row = &reason_table[reason];
	struct buf body;

	buf_init(&body, REFUSAL_MAX);
	buf_printf(&body, "{\"code\":%d,\"message\":\"%s\",\"data\":null}", row->status, row->text);
	refuse(c, reason, reason == REASON_HEAD || ends_connection(row->status), &body);
}

_Static_assert(REASON_ORIGIN == (int)EIO_FORBIDDEN && REASON_HEAD == (int)EIO_ACCEPTED,
	"the first reasons are those of Engine.IO");

void exchange_refuse_code(struct conn *c, enum eio_refusal refusal)
{
	struct buf body;

	buf_init(&body, REFUSAL_MAX);
	eio_refusal_put(&body, refusal);
	refuse(c, (enum reason)refusal, false, &body);
}

void exchange_refuse_push(struct conn *c)
{
	struct buf body;

	buf_init(&body, REFUSAL_MAX);
	eio_refusal_put(&body, EIO_BAD_REQUEST);
	refuse(c, REASON_REQUEST, true, &body);
}

void exchange_await_body(struct conn *c, const struct http_head *head, enum eio_form form)
{
	struct exchange *x = exchange_get(c);

	x->body_n = head->content_length;
	x->form = form;
	x->close = !head->keep_alive;
	c->state = CONN_BODY;
	conn_wait_at_most(c, &c->server->bodies, c->server->settings->body_ms);
}

void exchange_hold(struct conn *c)
{
	exchange_get(c);
	c->state = CONN_HELD;
	deadline_clear(&c->deadline);
}

static void take_body(struct conn *c)
{
	struct exchange *x = c->exchange;
	size_t n = x->body_n;

	if (x->in.n < n)
		return;
	x->busy = true;
	c->server->exchange_owner->body(c, x->in.p, n);
	x->busy = false;
	if (c->state >= CONN_WS)
		return;
	buf_consume(&x->in, n);
	if (c->state == CONN_HEAD)
		next_request(c);
}

/* Behind the head: what came early stays, a body is looked at. */
static void after_head(struct conn *c, struct str bytes, size_t used)
{
	struct exchange *x = exchange_get(c);

	if (x->in.n > 0)
		buf_consume(&x->in, used);
	else if (bytes.n > used)
		buf_add(&x->in, bytes.p + used, bytes.n - used);
	x->busy = false;
	if (c->state == CONN_BODY)
		take_body(c);
	else if (c->state == CONN_HEAD)
		next_request(c);
}

static void serve_request(
	struct conn *c, const struct http_head *head, struct str bytes, size_t used)
{
	exchange_get(c)->busy = true;
	c->server->exchange_owner->serve(c, head);
	if (c->state == CONN_WS) {
		conn_read_frames(c, (uint8_t *)(uintptr_t)bytes.p + used, bytes.n - used);
		exchange_free(c);
	} else if (c->state < CONN_WS) {
		after_head(c, bytes, used);
	}
}

/* A head that is here in part has some seconds, counted from its first byte. */
static void keep_head(struct conn *c, struct str fresh, bool kept)
{
	struct server *server = c->server;

	if (!kept)
		buf_add(&exchange_get(c)->in, fresh.p, fresh.n);
	if (!kept || fresh.n == 0)
		conn_wait_at_most(c, &server->heads, server->settings->head_ms);
}

static void read_head(struct conn *c, struct str fresh)
{
	bool kept = has_kept(c);
	struct str bytes = fresh;
	struct http_head head;
	size_t used = 0;
	enum err e;

	if (kept) {
		buf_add(&c->exchange->in, fresh.p, fresh.n);
		bytes = buf_str(&c->exchange->in);
	}
	e = http_head_parse(bytes, &head, &used);
	if (e == ERR_OK)
		serve_request(c, &head, bytes, used);
	else if (e == ERR_AGAIN)
		keep_head(c, fresh, kept);
	else
		exchange_refuse(c, e == ERR_LIMIT ? REASON_HEAD_SIZE : REASON_HEAD);
}

void exchange_read(struct conn *c, uint8_t *p, size_t n)
{
	struct buf *in;

	if (c->state == CONN_HEAD && !sock_waiting(&c->sock)) {
		read_head(c, (struct str){ (char *)p, n });
		return;
	}
	in = &exchange_get(c)->in;
	buf_add(in, p, n);
	if (in->overflow)
		conn_drop(c);
	else if (c->state == CONN_BODY)
		take_body(c);
}

void exchange_on_resume(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	read_head(LIST_ENTRY(d, struct conn, deadline), STR(""));
}

void exchange_on_deadline(struct deadline *d, int64_t now_ms)
{
	struct conn *c = LIST_ENTRY(d, struct conn, deadline);

	(void)now_ms;
	if (c->exchange)
		exchange_refuse(c, REASON_LATE);
	else
		conn_drop(c);
}
