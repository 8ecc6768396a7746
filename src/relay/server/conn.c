#include "conn.h"

#include <stdlib.h>

#include "base/mem.h"
#include "refused.h"

static void on_ready(struct watch *w, uint32_t events);

void conn_wait_at_most(struct conn *c, struct deadline_queue *q, int64_t ms)
{
	c->stalls = q == &c->server->stalls;
	deadline_set(&c->deadline, q, loop_now(c->server->loop) + ms);
}

void conn_new(struct server *server, int fd)
{
	struct conn *c = mem_alloc(sizeof(*c));

	c->server = server;
	sock_open(&c->sock, server->loop, fd, on_ready);
	deadline_init(&c->deadline);
	list_init(&c->ready);
	conn_wait_at_most(c, &server->heads, server->settings->head_ms);
	list_add_tail(&server->conns, &c->all);
	server->counters.connections++;
}

void conn_bury(struct deadline *d, int64_t now_ms)
{
	struct conn *c = LIST_ENTRY(d, struct conn, deadline);

	(void)now_ms;
	list_remove(&c->all);
	c->server->counters.connections--;
	ws_finish(&c->ws);
	c->server->conn_owner->buried(c);
	free(c);
}

static void leave_peer(struct conn *c)
{
	if (c->peer)
		c->server->conn_owner->gone(c);
}

/* Input may be in use further up the stack: it goes with the burial. */
void conn_drop(struct conn *c)
{
	if (c->state == CONN_DEAD)
		return;
	c->state = CONN_DEAD;
	leave_peer(c);
	list_remove(&c->ready);
	sock_close(&c->sock, c->server->loop);
	conn_wait_at_most(c, &c->server->dead_conns, 0);
}

void conn_end(struct conn *c)
{
	if (c->state >= CONN_ENDING)
		return;
	c->state = CONN_ENDING;
	leave_peer(c);
	conn_wait_at_most(c, &c->server->lingers, c->server->settings->linger_ms);
	sock_want_input(&c->sock, c->server->loop, true);
	if (sock_waiting(&c->sock) == 0)
		sock_end(&c->sock);
}

static enum err send_close(struct conn *c, uint16_t code)
{
	uint8_t frame[127];

	return sock_send_bytes(&c->sock, c->server->loop,
		(struct str){ (char *)frame, ws_close_put(frame, code) });
}

static void close_slow(struct conn *c)
{
	c->server->counters.slow++;
	refused_note(c->server, REASON_SLOW, "");
	conn_close_full(c, CLOSE_SLOW);
}

/* The first reason counts. */
static void note_closing(struct conn *c, uint16_t code, enum close_reason why)
{
	if (c->why)
		return;
	c->why = (uint8_t)why;
	c->close_code = code;
}

enum close_reason conn_closing(const struct conn *c)
{
	return c->why ? (enum close_reason)c->why : CLOSE_LOST;
}

void conn_close_ws(struct conn *c, uint16_t code, enum close_reason why)
{
	enum err e;

	if (c->state != CONN_WS)
		return;
	note_closing(c, code, why);
	e = send_close(c, code);
	if (e == ERR_OK)
		conn_end(c);
	else if (e == ERR_LIMIT)
		close_slow(c);
	else
		conn_drop(c);
}

/* What is partly gone has to be gone before the goodbye; it may be too much by itself. */
void conn_close_full(struct conn *c, enum close_reason why)
{
	note_closing(c, WS_CLOSE_TRY_LATER, why);
	frame_queue_trim(&c->sock.out);
	if (c->state == CONN_WS && send_close(c, WS_CLOSE_TRY_LATER) == ERR_OK)
		conn_end(c);
	else
		conn_drop(c);
}

static void after_send(struct conn *c, enum err e)
{
	struct server *server = c->server;

	if (e == ERR_LIMIT) {
		close_slow(c);
		return;
	}
	if (e != ERR_OK) {
		conn_drop(c);
		return;
	}
	if (sock_waiting(&c->sock) && !deadline_is_set(&c->deadline))
		conn_wait_at_most(c, &server->stalls, server->settings->stall_ms);
	if (server->settings->max_queued &&
		loop_frames(server->loop)->bytes > server->settings->max_queued)
		deadline_set(&server->relief, &server->reliefs, loop_now(server->loop));
}

/* Whether this turn has sent its share; frames for one client never overtake each other. */
static bool is_to_wait(struct conn *c)
{
	struct server *server = c->server;

	if (server->turn != loop_turns(server->loop)) {
		server->turn = loop_turns(server->loop);
		server->sends = 0;
	}
	return !list_is_empty(&c->ready) || server->sends++ >= SERVER_SLICE;
}

static void send_later(struct conn *c, struct frame *f)
{
	struct server *server = c->server;
	enum err e = sock_post(&c->sock, server->loop, f);

	if (e == ERR_OK && list_is_empty(&c->ready))
		list_add_tail(&server->ready, &c->ready);
	if (!deadline_is_set(&server->slice))
		deadline_set(&server->slice, &server->slices, loop_now(server->loop));
	after_send(c, e);
}

void conn_send_frame(struct conn *c, struct frame *f)
{
	if (c->state != CONN_WS)
		return;
	if (is_to_wait(c))
		send_later(c, f);
	else
		after_send(c, sock_send(&c->sock, c->server->loop, f));
}

void conn_send_bytes(struct conn *c, struct str bytes)
{
	if (c->state < CONN_ENDING)
		after_send(c, sock_send_bytes(&c->sock, c->server->loop, bytes));
}

void conn_become_ws(struct conn *c, struct peer *peer)
{
	const struct server_settings *s = c->server->settings;
	uint32_t max = s->eio.max_payload;

	c->state = CONN_WS;
	c->peer = peer;
	deadline_clear(&c->deadline);
	ws_init(&c->ws, s->max_before_login < max ? s->max_before_login : max);
}

void conn_pause(struct conn *c, int64_t ms)
{
	sock_want_input(&c->sock, c->server->loop, false);
	if (!deadline_is_set(&c->deadline))
		conn_wait_at_most(c, &c->server->pauses, ms);
}

void conn_on_pause(struct deadline *d, int64_t now_ms)
{
	struct conn *c = LIST_ENTRY(d, struct conn, deadline);

	(void)now_ms;
	sock_want_input(&c->sock, c->server->loop, true);
	if (sock_waiting(&c->sock))
		conn_wait_at_most(c, &c->server->stalls, c->server->settings->stall_ms);
}

void conn_on_deadline(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	conn_drop(LIST_ENTRY(d, struct conn, deadline));
}

void conn_on_stall(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	close_slow(LIST_ENTRY(d, struct conn, deadline));
}

void conn_on_upgrade_deadline(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	conn_close_ws(LIST_ENTRY(d, struct conn, deadline), WS_CLOSE_POLICY, CLOSE_PROTOCOL);
}

static void on_ws_event(struct conn *c, const struct ws_event *event)
{
	uint8_t pong[127];
	const struct conn_owner *owner = c->server->conn_owner;

	switch (event->op) {
	case WS_TEXT:
	case WS_BINARY:
		owner->message(c, event->op == WS_BINARY, event->data);
		break;
	case WS_PING: /* asks for an answer, so it counts like a message */
		if (owner->frame(c))
			conn_send_bytes(c, (struct str){ (char *)pong,
						   ws_control_put(pong, WS_PONG, event->data) });
		break;
	case WS_PONG:
		owner->frame(c);
		break;
	case WS_CLOSE:
		conn_close_ws(c, event->code, CLOSE_CLIENT);
		break;
	case WS_CONTINUATION: /* never: they come joined */
		break;
	}
}

static void count_fragments(struct conn *c)
{
	for (unsigned n = c->ws.fragments; n > 0 && c->state == CONN_WS; n--)
		if (!c->server->conn_owner->frame(c))
			return;
}

void conn_read_frames(struct conn *c, uint8_t *p, size_t n)
{
	struct ws_event event;
	size_t at = 0, used;
	enum err e = ERR_OK;

	while (c->state == CONN_WS && e == ERR_OK) {
		e = ws_read(&c->ws, p + at, n - at, &event, &used);
		if (e != ERR_PROTOCOL)
			count_fragments(c);
		if (e == ERR_OK && c->state == CONN_WS) {
			at += used;
			on_ws_event(c, &event);
		}
	}
	if (e == ERR_PROTOCOL)
		conn_close_ws(c, c->ws.code, CLOSE_PROTOCOL);
}

static void read_input(struct conn *c)
{
	uint8_t *p = loop_scratch(c->server->loop);
	size_t n = 0;
	enum err e = sock_read(&c->sock, p, LOOP_SCRATCH, &n);

	if (e == ERR_AGAIN)
		return;
	if (e != ERR_OK)
		conn_drop(c);
	else if (c->state == CONN_WS)
		conn_read_frames(c, p, n);
	else if (c->state < CONN_WS)
		c->server->conn_owner->read(c, p, n);
}

static void after_flush(struct conn *c)
{
	struct server *server = c->server;

	if (c->state == CONN_WS) {
		deadline_clear(&c->deadline);
		sock_want_input(&c->sock, server->loop, true);
	} else if (c->state == CONN_HEAD) {
		c->server->conn_owner->answered(c);
	} else if (c->state == CONN_ENDING) {
		sock_end(&c->sock);
	}
}

/* One that takes some, however slowly, is not stalled. */
static void flush_output(struct conn *c)
{
	size_t before = sock_waiting(&c->sock);

	list_remove(&c->ready);
	if (sock_flush(&c->sock, c->server->loop) != ERR_OK)
		conn_drop(c);
	else if (sock_waiting(&c->sock) == 0)
		after_flush(c);
	else if (sock_waiting(&c->sock) < before && c->stalls && deadline_is_set(&c->deadline))
		conn_wait_at_most(c, &c->server->stalls, c->server->settings->stall_ms);
}

void conn_on_slice(struct deadline *d, int64_t now_ms)
{
	struct server *server = LIST_ENTRY(d, struct server, slice);

	for (unsigned i = 0; i < SERVER_SLICE && !list_is_empty(&server->ready); i++)
		flush_output(LIST_ENTRY(server->ready.next, struct conn, ready));
	if (!list_is_empty(&server->ready))
		deadline_set(&server->slice, &server->slices, now_ms);
}

static void on_ready(struct watch *w, uint32_t events)
{
	struct conn *c = LIST_ENTRY(w, struct conn, sock.watch);

	if (events & EPOLLOUT)
		flush_output(c);
	if (c->state != CONN_DEAD && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		read_input(c);
}
