#include <stdlib.h>

#include "base/mem.h"
#include "link_priv.h"

static void on_ready(struct watch *w, uint32_t events);

void conn_new(struct link_host *h, int fd)
{
	struct conn *c = mem_alloc(sizeof(*c));

	c->host = h;
	sock_open(&c->sock, h->loop, fd, on_ready);
	ws_init(&c->ws, h->settings->eio.max_payload);
	deadline_init(&c->deadline);
	deadline_set(&c->deadline, &h->heads, loop_now(h->loop) + h->settings->head_ms);
	list_add_tail(&h->conns, &c->all);
	h->count++;
}

static void head_free(struct conn *c)
{
	if (c->head)
		buf_finish(c->head);
	free(c->head);
	c->head = NULL;
}

void conn_bury(struct deadline *d, int64_t now_ms)
{
	struct conn *c = LIST_ENTRY(d, struct conn, deadline);

	(void)now_ms;
	list_remove(&c->all);
	c->host->count--;
	ws_finish(&c->ws);
	head_free(c);
	free(c);
}

/* Input may be in use further up the stack: it goes with the burial. */
void conn_drop(struct conn *c)
{
	struct link_host *h = c->host;

	if (c->state == CONN_DEAD)
		return;
	c->state = CONN_DEAD;
	if (c->link)
		link_detach(c->link);
	sock_close(&c->sock, h->loop);
	deadline_set(&c->deadline, &h->dead_conns, loop_now(h->loop));
}

static void end_when_sent(struct conn *c)
{
	if (sock_waiting(&c->sock) == 0)
		sock_end(&c->sock);
}

void conn_end(struct conn *c)
{
	struct link_host *h = c->host;

	if (c->state >= CONN_ENDING)
		return;
	c->state = CONN_ENDING;
	if (c->link)
		link_detach(c->link);
	deadline_set(&c->deadline, &h->lingers, loop_now(h->loop) + h->settings->linger_ms);
	end_when_sent(c);
}

void conn_close_ws(struct conn *c, uint16_t code)
{
	uint8_t frame[127];

	if (c->state != CONN_WS)
		return;
	conn_send_bytes(c, (struct str){ (char *)frame, ws_close_put(frame, code) });
	conn_end(c);
}

/* A full queue and a lost peer end alike: the client comes back and is sent the current state. */
static void after_send(struct conn *c, enum err e)
{
	struct link_host *h = c->host;

	if (e != ERR_OK)
		conn_drop(c);
	else if (sock_waiting(&c->sock) && !deadline_is_set(&c->deadline))
		deadline_set(&c->deadline, &h->stalls, loop_now(h->loop) + h->settings->stall_ms);
}

void conn_send_frame(struct conn *c, struct frame *f)
{
	if (c->state == CONN_WS)
		after_send(c, sock_send(&c->sock, c->host->loop, f));
}

void conn_send_bytes(struct conn *c, struct str bytes)
{
	if (c->state < CONN_ENDING)
		after_send(c, sock_send_bytes(&c->sock, c->host->loop, bytes));
}

void conn_on_head_deadline(struct deadline *d, int64_t now_ms)
{
	struct conn *c = LIST_ENTRY(d, struct conn, deadline);

	(void)now_ms;
	if (c->head)
		request_refuse(c, 408);
	else
		conn_drop(c);
}

void conn_on_stall_deadline(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	conn_drop(LIST_ENTRY(d, struct conn, deadline));
}

void conn_on_linger_deadline(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	conn_drop(LIST_ENTRY(d, struct conn, deadline));
}

static void on_ws_event(struct conn *c, const struct ws_event *event)
{
	uint8_t pong[127];

	switch (event->op) {
	case WS_TEXT:
		link_on_text(c->link, event->data);
		break;
	case WS_BINARY:
		link_on_binary(c->link, event->data);
		break;
	case WS_PING:
		conn_send_bytes(c,
			(struct str){ (char *)pong, ws_control_put(pong, WS_PONG, event->data) });
		break;
	case WS_CLOSE:
		conn_close_ws(c, event->code);
		break;
	default:
		break;
	}
}

static void read_frames(struct conn *c, uint8_t *p, size_t n)
{
	struct ws_event event;
	size_t at = 0, used;
	enum err e = ERR_OK;

	while (c->state == CONN_WS && e == ERR_OK) {
		e = ws_read(&c->ws, p + at, n - at, &event, &used);
		if (e == ERR_OK) {
			at += used;
			on_ws_event(c, &event);
		}
	}
	if (e == ERR_PROTOCOL)
		conn_close_ws(c, c->ws.code);
}

/* The bytes so far: straight from the input when the head came in one piece. */
static struct str head_bytes(struct conn *c, struct str fresh)
{
	if (!c->head)
		return fresh;
	buf_add(c->head, fresh.p, fresh.n);
	return buf_str(c->head);
}

static void keep_head(struct conn *c, struct str bytes)
{
	if (c->head)
		return;
	c->head = mem_alloc(sizeof(*c->head));
	buf_init(c->head, HTTP_HEAD_MAX + LOOP_SCRATCH);
	buf_add(c->head, bytes.p, bytes.n);
}

static void read_head(struct conn *c, uint8_t *p, size_t n)
{
	struct str bytes = head_bytes(c, (struct str){ (char *)p, n });
	struct http_head head;
	size_t used = 0;
	enum err e = http_head_parse(bytes, &head, &used);

	if (e == ERR_AGAIN) {
		keep_head(c, bytes);
		return;
	}
	if (e != ERR_OK) {
		request_refuse(c, e == ERR_LIMIT ? 431 : 400);
		return;
	}
	request_serve(c, &head);
	if (c->state == CONN_WS)
		read_frames(c, (uint8_t *)(uintptr_t)bytes.p + used, bytes.n - used);
	head_free(c);
}

static void read_input(struct conn *c)
{
	uint8_t *p = loop_scratch(c->host->loop);
	size_t n = 0;
	enum err e = sock_read(&c->sock, p, LOOP_SCRATCH, &n);

	if (e == ERR_AGAIN)
		return;
	if (e != ERR_OK)
		conn_drop(c);
	else if (c->state == CONN_HEAD)
		read_head(c, p, n);
	else if (c->state == CONN_WS)
		read_frames(c, p, n);
}

static void flush_output(struct conn *c)
{
	if (sock_flush(&c->sock, c->host->loop) != ERR_OK) {
		conn_drop(c);
		return;
	}
	if (sock_waiting(&c->sock) > 0)
		return;
	if (c->state == CONN_WS)
		deadline_clear(&c->deadline);
	else if (c->state == CONN_ENDING)
		sock_end(&c->sock);
}

static void on_ready(struct watch *w, uint32_t events)
{
	struct conn *c = LIST_ENTRY(w, struct conn, sock.watch);

	if (events & EPOLLOUT)
		flush_output(c);
	if (c->state != CONN_DEAD && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		read_input(c);
}
