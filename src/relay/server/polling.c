#include "polling.h"

#include <stdlib.h>

#include "base/mem.h"
#include "relay/ws/upgrade.h"
#include "address.h"
#include "exchange.h"
#include "refused.h"
#include "websocket.h"

#define POLLING_CLOSE   "1"
#define POLLING_NOOP    "6"
#define UPGRADE_ANSWER  2048
#define POLLING_LATE_MS 50

static const struct transport polling_transport, upgraded_transport;

static void polling_new(struct peer *peer, const char *sid, bool base64)
{
	struct polling *p = mem_alloc(sizeof(*p));
	struct server *server = peer->server;

	for (size_t i = 0; sid[i]; i++)
		p->sid[i] = sid[i];
	p->base64 = base64;
	deadline_init(&p->deadline);
	list_add_tail(&server->pollings, &p->all);
	p->peer = peer;
	map_put(server->sids, str_from(p->sid), peer);
	server->counters.polling++;
	peer->polling = p;
	peer->transport = &polling_transport;
}

static void answer_push(struct conn *c)
{
	struct http_answer ok = { .status = 200,
		.type = "text/html",
		.headers = "Cache-Control: no-store\r\n",
		.body = STR("ok") };

	c->peer = NULL;
	exchange_answer(c, &ok);
}

/* A push that is still read is told later that there is no session; that of a goodbye is answered. */
static void let_go(struct conn *c)
{
	if (c && c->state == CONN_HELD)
		answer_push(c);
	else if (c)
		c->peer = NULL;
}

static void polling_free(struct peer *peer)
{
	struct polling *p = peer->polling;

	peer->polling = NULL;
	map_remove(peer->server->sids, str_from(p->sid));
	list_remove(&p->all);
	deadline_clear(&p->deadline);
	frame_queue_free(&p->queue);
	peer->server->counters.polling--;
	let_go(p->push);
	if (p->probe) {
		p->probe->peer = NULL;
		conn_close_ws(p->probe, WS_CLOSE_NORMAL, CLOSE_NONE);
	}
	free(p);
}

static bool queue_has_binary(const struct frame_queue *q)
{
	for (size_t i = 0; i < frame_queue_count(q); i++)
		if (frame_queue_at(q, i)->binary)
			return true;
	return false;
}

/* Bytes go as they are only to an old client that takes them, and only when there are some. */
static enum eio_form polling_form(const struct peer *peer)
{
	const struct polling *p = peer->polling;

	if (peer->eio.version == EIO_VERSION_3 && !p->base64 && queue_has_binary(p->queue))
		return EIO_FORM_3_BINARY;
	return peer_text_form(peer);
}

void polling_open(struct conn *c, const struct peer_opening *opening, bool base64)
{
	struct peer *peer = peer_new(c->server, opening);
	struct http_answer a = { .status = 200,
		.type = "text/plain; charset=UTF-8",
		.headers = "Cache-Control: no-store\r\n" };
	struct buf packet, body;
	struct eio_part part = { 0 };
	char sid[PEER_SID_SIZE];

	peer_make_sid(peer->server, sid);
	polling_new(peer, sid, base64);
	buf_init(&packet, 512);
	buf_init(&body, 1024);
	eio_open_put(&packet, &peer->server->settings->eio, sid, EIO_POLLING);
	part.data = buf_str(&packet);
	eio_payload_put(&body, polling_form(peer), &part);
	a.body = buf_str(&body);
	peer_start(peer);
	exchange_answer(c, &a);
	buf_finish(&packet);
	buf_finish(&body);
}

static void put_queue(struct buf *out, enum eio_form form, struct frame_queue **q)
{
	for (size_t i = 0; i < frame_queue_count(*q); i++) {
		const struct frame *f = frame_queue_at(*q, i);

		eio_payload_put(out, form, &(struct eio_part){ f->binary, frame_text(f) });
	}
	frame_queue_free(q);
}

static size_t queue_room(const struct frame_queue *q)
{
	size_t room = eio_payload_room(1);

	for (size_t i = 0; i < frame_queue_count(q); i++)
		room += eio_payload_room(frame_queue_at(q, i)->n);
	return room;
}

/* What waits, or with_queue false nothing of it, and the packet tail if there is one. */
static void answer_poll(struct peer *peer, bool with_queue, const char *tail)
{
	struct polling *p = peer->polling;
	struct conn *c = p->poll;
	enum eio_form form = with_queue ? polling_form(peer) : peer_text_form(peer);
	struct http_answer a = { .status = 200, .headers = "Cache-Control: no-store\r\n" };
	struct buf body;

	a.type = form == EIO_FORM_3_BINARY ? "application/octet-stream"
					   : "text/plain; charset=UTF-8";
	buf_init(&body, queue_room(p->queue));
	if (with_queue) {
		put_queue(&body, form, &p->queue);
		deadline_clear(&p->deadline);
	}
	if (tail)
		eio_payload_put(&body, form, &(struct eio_part){ false, str_from(tail) });
	a.body = buf_str(&body);
	p->poll = NULL;
	c->peer = NULL;
	exchange_answer(c, &a);
	buf_finish(&body);
}

static void await_last_poll(struct peer *peer, uint32_t ms)
{
	struct server *server = peer->server;

	peer->state = PEER_CLOSING;
	deadline_clear(&peer->beat);
	deadline_set(&peer->polling->deadline, &server->poll_lingers, loop_now(server->loop) + ms);
}

/* Behind packets a close has to wait for a poll of its own: clients that read both in one answer keep the
 * packets for the session after (realtime 7). */
static const char *last_packet(const struct polling *p)
{
	if (p->left)
		return POLLING_NOOP;
	return p->queue ? NULL : POLLING_CLOSE;
}

/* A poll and the push of a goodbye leave the client together, on two connections, and may come in
 * either order: so a goodbye waits a moment for the poll, and its own answer waits with it. */
static void end_polling(struct peer *peer, enum peer_end how)
{
	struct polling *p = peer->polling;

	p->left = how == PEER_LEFT;
	if (p->poll && p->queue && how == PEER_SENT) {
		answer_poll(peer, true, NULL);
		await_last_poll(peer, peer->server->settings->linger_ms);
	} else if (p->poll) {
		answer_poll(peer, true, last_packet(p));
		peer_over(peer);
	} else if (how == PEER_BROKE) {
		peer_over(peer);
	} else {
		await_last_poll(
			peer, p->left ? POLLING_LATE_MS : peer->server->settings->linger_ms);
	}
}

static enum err queue_frame(struct peer *peer, struct frame *f)
{
	struct loop *loop = peer->server->loop;

	return frame_queue_add(&peer->polling->queue, loop_frames(loop), f, 0, loop_now(loop));
}

/* A held poll is answered once for all that one turn brings; without one, packets wait so long. */
static void note_slow(const struct peer *peer)
{
	peer->server->counters.slow++;
	refused_note(peer->server, REASON_SLOW, address_network(peer->address));
}

static void polling_send(struct peer *peer, struct frame *f)
{
	struct polling *p = peer->polling;
	struct server *server = peer->server;
	enum err e = queue_frame(peer, f);

	if (e != ERR_OK && p->poll) {
		answer_poll(peer, true, NULL);
		e = queue_frame(peer, f);
	}
	if (e != ERR_OK) {
		note_slow(peer);
		peer_end(peer, WS_CLOSE_TRY_LATER, PEER_BROKE, CLOSE_SLOW);
		return;
	}
	if (p->poll)
		deadline_set(&p->deadline, &server->polls, loop_now(server->loop));
	else if (!deadline_is_set(&p->deadline))
		deadline_set(&p->deadline, &server->poll_stalls,
			loop_now(server->loop) + server->settings->stall_ms);
	if (server->settings->max_queued &&
		loop_frames(server->loop)->bytes > server->settings->max_queued)
		deadline_set(&server->relief, &server->reliefs, loop_now(server->loop));
}

void polling_on_turn_end(struct deadline *d, int64_t now_ms)
{
	struct polling *p = LIST_ENTRY(d, struct polling, deadline);

	(void)now_ms;
	if (p->poll && p->queue)
		answer_poll(p->peer, true, NULL);
}

void polling_on_get(struct peer *peer, struct conn *c)
{
	struct polling *p = peer->polling;

	if (p->poll) {
		exchange_refuse_push(c);
		peer_end(peer, WS_CLOSE_PROTOCOL, PEER_BROKE, CLOSE_PROTOCOL);
		return;
	}
	p->poll = c;
	c->peer = peer;
	exchange_hold(c);
	if (peer->state == PEER_CLOSING)
		end_polling(peer, p->left ? PEER_LEFT : PEER_SENT);
	else if (p->queue)
		answer_poll(peer, true, NULL);
	else if (p->probed)
		answer_poll(peer, false, POLLING_NOOP);
}

static bool is_octets(struct str type)
{
	return str_case_is(str_trim(str_split(&type, ';')), "application/octet-stream");
}

static uint32_t push_max(const struct peer *peer)
{
	const struct server_settings *s = peer->server->settings;
	uint32_t max = s->eio.max_payload;

	return deadline_is_set(&peer->login) && s->max_before_login < max ? s->max_before_login
									  : max;
}

void polling_on_post(struct peer *peer, struct conn *c, const struct http_head *head)
{
	bool octets = is_octets(head->content_type);

	if (head->chunked || !head->has_length) {
		exchange_refuse(c, REASON_NO_LENGTH);
	} else if (head->content_length > push_max(peer)) {
		exchange_refuse(c, REASON_BODY_SIZE);
		peer_end(peer, WS_CLOSE_PROTOCOL, PEER_BROKE, CLOSE_PROTOCOL);
	} else if (peer->polling->push || head->content_length == 0 ||
		   (octets && peer->eio.version == EIO_VERSION_4)) {
		exchange_refuse_push(c);
		peer_end(peer, WS_CLOSE_PROTOCOL, PEER_BROKE, CLOSE_PROTOCOL);
	} else {
		peer->polling->push = c;
		c->peer = peer;
		exchange_await_body(c, head, octets ? EIO_FORM_3_BINARY : peer_text_form(peer));
	}
}

static void take_parts(struct peer *peer, enum eio_form form, char *body, size_t n)
{
	struct eio_payload payload;
	struct eio_part part;
	enum err e = ERR_OK;

	eio_payload_init(&payload, form, body, n);
	while (peer->state == PEER_OPEN && (e = eio_payload_next(&payload, &part)) == ERR_OK) {
		if (part.binary)
			peer_on_binary(peer, part.data);
		else
			peer_on_text(peer, part.data);
	}
	if (e == ERR_PROTOCOL)
		peer_end(peer, WS_CLOSE_PROTOCOL, PEER_BROKE, CLOSE_PROTOCOL);
}

void polling_on_body(struct conn *c, char *body, size_t n)
{
	struct peer *peer = c->peer;

	if (peer) {
		peer->polling->push = NULL;
		c->peer = NULL;
		peer_catch_up(peer);
	}
	if (!peer || peer->state == PEER_DEAD) {
		exchange_refuse_code(c, EIO_SID_UNKNOWN);
		return;
	}
	take_parts(peer, c->exchange->form, body, n);
	if (peer->broke) {
		exchange_refuse_push(c);
	} else if (peer->state == PEER_CLOSING && peer->polling->left) {
		peer->polling->push = c;
		c->peer = peer;
		exchange_hold(c);
	} else {
		answer_push(c);
	}
}

static void accept_websocket(struct conn *c, const struct http_head *head)
{
	struct buf out;

	buf_init(&out, UPGRADE_ANSWER);
	upgrade_answer_put(&out, head, c->exchange->headers);
	conn_send_bytes(c, buf_str(&out));
	buf_finish(&out);
}

void polling_on_upgrade(struct peer *peer, struct conn *c, const struct http_head *head)
{
	struct server *server = peer->server;

	/* Accepted and closed: a refusal is an error to clients, and the public test suites wait for
	 * a close. */
	if (peer->conn || peer->polling->probe || peer->state == PEER_CLOSING) {
		conn_become_ws(c, NULL);
		accept_websocket(c, head);
		conn_close_ws(c, WS_CLOSE_PROTOCOL, CLOSE_PROTOCOL);
		return;
	}
	conn_become_ws(c, peer);
	peer->polling->probe = c;
	conn_wait_at_most(c, &server->upgrades, server->settings->upgrade_ms);
	accept_websocket(c, head);
}

static void answer_probe(struct peer *peer, struct conn *c)
{
	struct polling *p = peer->polling;

	p->probed = true;
	conn_send_bytes(c, STR("\x81\x06"
			       "3probe"));
	if (p->poll)
		answer_poll(peer, true, p->queue ? NULL : POLLING_NOOP);
}

/* The client has stopped polling: what waits goes over the WebSocket, in order. */
static void complete_upgrade(struct peer *peer, struct conn *c)
{
	struct polling *p = peer->polling;

	if (p->poll)
		answer_poll(peer, false, POLLING_NOOP);
	deadline_clear(&c->deadline);
	deadline_clear(&p->deadline);
	p->probe = NULL;
	peer->conn = c;
	peer->transport = &upgraded_transport;
	if (!deadline_is_set(&peer->login))
		c->ws.max = peer->server->settings->eio.max_payload;
	for (size_t i = 0; peer->conn && i < frame_queue_count(p->queue); i++)
		websocket_send(peer, frame_queue_at(p->queue, i));
	if (peer->polling)
		frame_queue_free(&p->queue);
	/* The session ended while the client changed over: what it was told last has just left. */
	if (peer->state == PEER_CLOSING)
		conn_close_ws(c, WS_CLOSE_NORMAL, CLOSE_CLIENT);
}

/* Until the session is handed over, its WebSocket only probes. */
static void polling_on_probe(struct peer *peer, struct conn *c, bool binary, struct str data)
{
	if (!binary && str_is(data, "2probe"))
		answer_probe(peer, c);
	else if (!binary && str_is(data, "5"))
		complete_upgrade(peer, c);
	else
		conn_close_ws(c, WS_CLOSE_PROTOCOL, CLOSE_PROTOCOL);
}

/* A poll or a push that the client gave up is the end; a probe is not. */
static void polling_on_conn_gone(struct peer *peer, struct conn *c)
{
	struct polling *p = peer->polling;

	if (!p)
		return;
	if (p->probe == c) {
		p->probe = NULL;
		p->probed = false;
		return;
	}
	if (p->poll == c)
		p->poll = NULL;
	else
		p->push = NULL;
	peer_end(peer, WS_CLOSE_GOING_AWAY, PEER_BROKE, conn_closing(c));
}

void polling_on_stall_deadline(struct deadline *d, int64_t now_ms)
{
	struct polling *p = LIST_ENTRY(d, struct polling, deadline);

	(void)now_ms;
	note_slow(p->peer);
	peer_end(p->peer, WS_CLOSE_TRY_LATER, PEER_BROKE, CLOSE_SLOW);
}

void polling_on_linger_deadline(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	peer_over(LIST_ENTRY(d, struct polling, deadline)->peer);
}

static void polling_end(struct peer *peer, uint16_t code, enum peer_end how)
{
	(void)code;
	end_polling(peer, how);
}

static size_t polling_waiting(const struct peer *peer)
{
	return frame_queue_bytes(peer->polling->queue);
}

static const struct transport polling_transport = {
	.send = polling_send,
	.end = polling_end,
	.message = polling_on_probe,
	.conn_gone = polling_on_conn_gone,
	.waiting = polling_waiting,
	.release = polling_free,
};

/* Of its connections only the WebSocket is the session's; a push may still be read. */
static void on_upgraded_conn_gone(struct peer *peer, struct conn *c)
{
	if (peer->conn == c)
		websocket_on_conn_gone(peer, c);
	else
		polling_on_conn_gone(peer, c);
}

static const struct transport upgraded_transport = {
	.send = websocket_send,
	.end = websocket_end,
	.message = websocket_on_message,
	.conn_gone = on_upgraded_conn_gone,
	.waiting = websocket_waiting,
	.release = polling_free,
};
