#include <stdlib.h>

#include "base/mem.h"
#include "link_priv.h"

static void on_ready(struct watch *w, uint32_t events);

static void wait_at_most(struct conn *c, struct deadline_queue *q, int64_t ms)
{
	deadline_set(&c->deadline, q, loop_now(c->host->loop) + ms);
}

void conn_new(struct link_host *h, int fd)
{
	struct conn *c = mem_alloc(sizeof(*c));

	c->host = h;
	sock_open(&c->sock, h->loop, fd, on_ready);
	deadline_init(&c->deadline);
	list_init(&c->ready);
	wait_at_most(c, &h->heads, h->settings->head_ms);
	list_add_tail(&h->conns, &c->all);
	h->counters.connections++;
}

void conn_bury(struct deadline *d, int64_t now_ms)
{
	struct conn *c = LIST_ENTRY(d, struct conn, deadline);

	(void)now_ms;
	list_remove(&c->all);
	c->host->counters.connections--;
	ws_finish(&c->ws);
	exchange_free(c);
	free(c);
}

static void leave_link(struct conn *c)
{
	if (c->link)
		link_on_conn_gone(c->link, c);
}

/* Input may be in use further up the stack: it goes with the burial. */
void conn_drop(struct conn *c)
{
	if (c->state == CONN_DEAD)
		return;
	c->state = CONN_DEAD;
	leave_link(c);
	list_remove(&c->ready);
	sock_close(&c->sock, c->host->loop);
	wait_at_most(c, &c->host->dead_conns, 0);
}

void conn_end(struct conn *c)
{
	if (c->state >= CONN_ENDING)
		return;
	c->state = CONN_ENDING;
	leave_link(c);
	wait_at_most(c, &c->host->lingers, c->host->settings->linger_ms);
	sock_want_input(&c->sock, c->host->loop, true);
	if (sock_waiting(&c->sock) == 0)
		sock_end(&c->sock);
}

static enum err send_close(struct conn *c, uint16_t code)
{
	uint8_t frame[127];

	return sock_send_bytes(
		&c->sock, c->host->loop, (struct str){ (char *)frame, ws_close_put(frame, code) });
}

void conn_close_ws(struct conn *c, uint16_t code)
{
	enum err e;

	if (c->state != CONN_WS)
		return;
	e = send_close(c, code);
	if (e == ERR_OK)
		conn_end(c);
	else if (e == ERR_LIMIT)
		conn_close_slow(c);
	else
		conn_drop(c);
}

/* What is partly gone has to be gone before the goodbye; it may be too much by itself. */
void conn_close_slow(struct conn *c)
{
	c->host->counters.slow++;
	frame_queue_trim(&c->sock.out);
	if (c->state == CONN_WS && send_close(c, WS_CLOSE_TRY_LATER) == ERR_OK)
		conn_end(c);
	else
		conn_drop(c);
}

static void after_send(struct conn *c, enum err e)
{
	struct link_host *h = c->host;

	if (e == ERR_LIMIT) {
		conn_close_slow(c);
		return;
	}
	if (e != ERR_OK) {
		conn_drop(c);
		return;
	}
	if (sock_waiting(&c->sock) && !deadline_is_set(&c->deadline))
		wait_at_most(c, &h->stalls, h->settings->stall_ms);
	if (h->settings->max_queued && loop_frames(h->loop)->bytes > h->settings->max_queued)
		deadline_set(&h->relief, &h->reliefs, loop_now(h->loop));
}

/* Whether this turn has sent its share; frames for one client never overtake each other. */
static bool is_to_wait(struct conn *c)
{
	struct link_host *h = c->host;

	if (h->turn != loop_turns(h->loop)) {
		h->turn = loop_turns(h->loop);
		h->sends = 0;
	}
	return !list_is_empty(&c->ready) || h->sends++ >= LINK_SLICE;
}

static void send_later(struct conn *c, struct frame *f)
{
	struct link_host *h = c->host;
	enum err e = sock_post(&c->sock, h->loop, f);

	if (e == ERR_OK && list_is_empty(&c->ready))
		list_add_tail(&h->ready, &c->ready);
	if (!deadline_is_set(&h->slice))
		deadline_set(&h->slice, &h->slices, loop_now(h->loop));
	after_send(c, e);
}

void conn_send_frame(struct conn *c, struct frame *f)
{
	if (c->state != CONN_WS)
		return;
	if (is_to_wait(c))
		send_later(c, f);
	else
		after_send(c, sock_send(&c->sock, c->host->loop, f));
}

void conn_send_bytes(struct conn *c, struct str bytes)
{
	if (c->state < CONN_ENDING)
		after_send(c, sock_send_bytes(&c->sock, c->host->loop, bytes));
}

void conn_become_ws(struct conn *c, struct link *l)
{
	const struct link_settings *s = c->host->settings;
	uint32_t max = s->eio.max_payload;

	c->state = CONN_WS;
	c->link = l;
	deadline_clear(&c->deadline);
	ws_init(&c->ws, s->max_before_login < max ? s->max_before_login : max);
}

void conn_pause(struct conn *c, int64_t ms)
{
	sock_want_input(&c->sock, c->host->loop, false);
	if (!deadline_is_set(&c->deadline))
		wait_at_most(c, &c->host->pauses, ms);
}

void conn_on_pause(struct deadline *d, int64_t now_ms)
{
	struct conn *c = LIST_ENTRY(d, struct conn, deadline);

	(void)now_ms;
	sock_want_input(&c->sock, c->host->loop, true);
	if (sock_waiting(&c->sock))
		wait_at_most(c, &c->host->stalls, c->host->settings->stall_ms);
}

void conn_on_head_deadline(struct deadline *d, int64_t now_ms)
{
	struct conn *c = LIST_ENTRY(d, struct conn, deadline);

	(void)now_ms;
	if (c->exchange)
		request_refuse(c, 408);
	else
		conn_drop(c);
}

void conn_on_deadline(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	conn_drop(LIST_ENTRY(d, struct conn, deadline));
}

void conn_on_upgrade_deadline(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	conn_close_ws(LIST_ENTRY(d, struct conn, deadline), WS_CLOSE_POLICY);
}

static void on_ws_event(struct conn *c, const struct ws_event *event)
{
	uint8_t pong[127];

	switch (event->op) {
	case WS_TEXT:
	case WS_BINARY:
		link_on_ws_message(c->link, c, event->op == WS_BINARY, event->data);
		break;
	case WS_PING: /* asks for an answer, so it counts like a message */
		if (link_count_message(c->link))
			conn_send_bytes(c, (struct str){ (char *)pong,
						   ws_control_put(pong, WS_PONG, event->data) });
		break;
	case WS_CLOSE:
		conn_close_ws(c, event->code);
		break;
	default:
		break;
	}
}

void conn_read_frames(struct conn *c, uint8_t *p, size_t n)
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

static void read_input(struct conn *c)
{
	uint8_t *p = loop_scratch(c->host->loop);
	size_t n = 0;
	enum err e = sock_read(&c->sock, p, LOOP_SCRATCH, &n);

	if (e == ERR_AGAIN)
		return;
	if (e != ERR_OK)
		conn_drop(c);
	else if (c->state == CONN_WS)
		conn_read_frames(c, p, n);
	else if (c->state < CONN_WS)
		exchange_read(c, p, n);
}

static void after_flush(struct conn *c)
{
	struct link_host *h = c->host;

	if (c->state == CONN_WS) {
		deadline_clear(&c->deadline);
		sock_want_input(&c->sock, h->loop, true);
	} else if (c->state == CONN_HEAD) {
		exchange_resume(c);
	} else if (c->state == CONN_ENDING) {
		sock_end(&c->sock);
	}
}

static void flush_output(struct conn *c)
{
	list_remove(&c->ready);
	if (sock_flush(&c->sock, c->host->loop) != ERR_OK)
		conn_drop(c);
	else if (sock_waiting(&c->sock) == 0)
		after_flush(c);
}

void conn_on_slice(struct deadline *d, int64_t now_ms)
{
	struct link_host *h = LIST_ENTRY(d, struct link_host, slice);

	for (unsigned i = 0; i < LINK_SLICE && !list_is_empty(&h->ready); i++)
		flush_output(LIST_ENTRY(h->ready.next, struct conn, ready));
	if (!list_is_empty(&h->ready))
		deadline_set(&h->slice, &h->slices, now_ms);
}

static void on_ready(struct watch *w, uint32_t events)
{
	struct conn *c = LIST_ENTRY(w, struct conn, sock.watch);

	if (events & EPOLLOUT)
		flush_output(c);
	if (c->state != CONN_DEAD && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		read_input(c);
}
