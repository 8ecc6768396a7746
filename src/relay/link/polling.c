/*
 * A session that began with long-polling: its held poll, its push, and the WebSocket it may move to.
 *
 *   queue --> poll held: answered once at the end of the turn, with all the turn has brought
 *         --> no poll:   waits, within its ceiling, for the next one
 *         --> upgraded:  sent over the WebSocket, in order, before anything newer
 *
 * An upgrade is a second connection (probe) beside the polls.  "2probe" is answered and every poll
 * from then on comes back at once, so that the client gets to stop polling; "5" hands the session over.
 * Until then a probe that is lost changes nothing.  A poll or push that the client gives up, or a second
 * one beside it, ends the session: part of an answer may be lost, and nobody could say which.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "link_priv.h"
#include "relay/ws/upgrade.h"

#define POLLING_CLOSE   "1"
#define POLLING_NOOP    "6"
#define UPGRADE_ANSWER  2048
#define POLLING_LATE_MS 50

void polling_new(struct link *l, const char *sid, bool base64)
{
	struct polling *p = mem_alloc(sizeof(*p));
	struct link_host *h = l->host;

	for (size_t i = 0; sid[i]; i++)
		p->sid[i] = sid[i];
	p->base64 = base64;
	deadline_init(&p->deadline);
	list_add_tail(&h->pollings, &p->all);
	p->link = l;
	map_put(h->sids, str_from(p->sid), l);
	h->counters.polling++;
	l->polling = p;
}

static void answer_push(struct conn *c)
{
	struct http_answer ok = { .status = 200,
		.type = "text/html",
		.headers = "Cache-Control: no-store\r\n",
		.body = STR("ok") };

	c->link = NULL;
	exchange_answer(c, &ok);
}

/* A push that is still read is told later that there is no session; that of a goodbye is answered. */
static void let_go(struct conn *c)
{
	if (c && c->state == CONN_HELD)
		answer_push(c);
	else if (c)
		c->link = NULL;
}

void polling_free(struct link *l)
{
	struct polling *p = l->polling;

	l->polling = NULL;
	map_remove(l->host->sids, str_from(p->sid));
	list_remove(&p->all);
	deadline_clear(&p->deadline);
	frame_queue_free(&p->queue);
	l->host->counters.polling--;
	let_go(p->push);
	if (p->probe) {
		p->probe->link = NULL;
		conn_close_ws(p->probe, WS_CLOSE_NORMAL);
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
enum eio_form polling_form(const struct link *l)
{
	const struct polling *p = l->polling;

	if (l->eio.version == EIO_VERSION_3 && !p->base64 && queue_has_binary(p->queue))
		return EIO_FORM_3_BINARY;
	return link_text_form(l);
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
static void answer_poll(struct link *l, bool with_queue, const char *tail)
{
	struct polling *p = l->polling;
	struct conn *c = p->poll;
	enum eio_form form = with_queue ? polling_form(l) : link_text_form(l);
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
	c->link = NULL;
	exchange_answer(c, &a);
	buf_finish(&body);
}

/* A held poll is answered once for all that one turn brings; without one, packets wait so long. */
void polling_send(struct link *l, struct frame *f)
{
	struct polling *p = l->polling;
	struct link_host *h = l->host;

	if (frame_queue_add(&p->queue, loop_frames(h->loop), f, 0) != ERR_OK) {
		h->counters.slow++;
		link_end(l, WS_CLOSE_TRY_LATER, LINK_BROKE);
		return;
	}
	if (p->poll)
		deadline_set(&p->deadline, &h->polls, loop_now(h->loop));
	else if (!deadline_is_set(&p->deadline))
		deadline_set(
			&p->deadline, &h->poll_stalls, loop_now(h->loop) + h->settings->stall_ms);
	if (h->settings->max_queued && loop_frames(h->loop)->bytes > h->settings->max_queued)
		deadline_set(&h->relief, &h->reliefs, loop_now(h->loop));
}

void polling_on_turn_end(struct deadline *d, int64_t now_ms)
{
	struct polling *p = LIST_ENTRY(d, struct polling, deadline);

	(void)now_ms;
	if (p->poll && p->queue)
		answer_poll(p->link, true, NULL);
}

void polling_on_get(struct link *l, struct conn *c)
{
	struct polling *p = l->polling;

	if (p->poll) {
		request_refuse(c, 400);
		link_end(l, WS_CLOSE_PROTOCOL, LINK_BROKE);
		return;
	}
	p->poll = c;
	c->link = l;
	exchange_hold(c);
	if (l->state == LINK_CLOSING)
		polling_end(l, p->left ? LINK_LEFT : LINK_BROKE);
	else if (p->queue)
		answer_poll(l, true, NULL);
	else if (p->probed)
		answer_poll(l, false, POLLING_NOOP);
}

static void refuse_push(struct link *l, struct conn *c, int status)
{
	request_refuse(c, status);
	link_end(l, WS_CLOSE_PROTOCOL, LINK_BROKE);
}

static bool is_octets(struct str type)
{
	return str_case_is(str_trim(str_split(&type, ';')), "application/octet-stream");
}

static uint32_t push_max(const struct link *l)
{
	const struct link_settings *s = l->host->settings;
	uint32_t max = s->eio.max_payload;

	return deadline_is_set(&l->login) && s->max_before_login < max ? s->max_before_login : max;
}

void polling_on_post(struct link *l, struct conn *c, const struct http_head *head)
{
	bool octets = is_octets(head->content_type);

	if (head->chunked || !head->has_length) {
		request_refuse(c, 411);
	} else if (head->content_length > push_max(l)) {
		refuse_push(l, c, 413);
	} else if (l->polling->push || head->content_length == 0 ||
		   (octets && l->eio.version == EIO_VERSION_4)) {
		refuse_push(l, c, 400);
	} else {
		l->polling->push = c;
		c->link = l;
		exchange_await_body(c, head, octets ? EIO_FORM_3_BINARY : link_text_form(l));
	}
}

static void take_parts(struct link *l, enum eio_form form, char *body, size_t n)
{
	struct eio_payload payload;
	struct eio_part part;
	enum err e = ERR_OK;

	eio_payload_init(&payload, form, body, n);
	while (l->state == LINK_OPEN && (e = eio_payload_next(&payload, &part)) == ERR_OK) {
		if (part.binary)
			link_on_binary(l, part.data);
		else
			link_on_text(l, part.data);
	}
	if (e == ERR_PROTOCOL)
		link_end(l, WS_CLOSE_PROTOCOL, LINK_BROKE);
}

void polling_on_body(struct conn *c, char *body, size_t n)
{
	struct link *l = c->link;

	if (l) {
		l->polling->push = NULL;
		c->link = NULL;
		link_catch_up(l);
	}
	if (!l || l->state == LINK_DEAD) {
		request_refuse_code(c, EIO_SID_UNKNOWN);
		return;
	}
	take_parts(l, c->exchange->form, body, n);
	if (l->broke) {
		request_refuse(c, 400);
	} else if (l->state == LINK_CLOSING && l->polling->left) {
		l->polling->push = c;
		c->link = l;
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

void polling_on_upgrade(struct link *l, struct conn *c, const struct http_head *head)
{
	struct link_host *h = l->host;

	/* Accepted and closed: a refusal is an error to clients, and the public test suites wait for
	 * a close. */
	if (l->conn || l->polling->probe || l->state == LINK_CLOSING) {
		conn_become_ws(c, NULL);
		accept_websocket(c, head);
		conn_close_ws(c, WS_CLOSE_PROTOCOL);
		return;
	}
	conn_become_ws(c, l);
	l->polling->probe = c;
	deadline_set(&c->deadline, &h->upgrades, loop_now(h->loop) + h->settings->upgrade_ms);
	accept_websocket(c, head);
}

static void answer_probe(struct link *l, struct conn *c)
{
	struct polling *p = l->polling;

	p->probed = true;
	conn_send_bytes(c, STR("\x81\x06"
			       "3probe"));
	if (p->poll)
		answer_poll(l, true, p->queue ? NULL : POLLING_NOOP);
}

/* The client has stopped polling: what waits goes over the WebSocket, in order. */
static void complete_upgrade(struct link *l, struct conn *c)
{
	struct polling *p = l->polling;

	if (p->poll)
		answer_poll(l, false, POLLING_NOOP);
	deadline_clear(&c->deadline);
	deadline_clear(&p->deadline);
	p->probe = NULL;
	l->conn = c;
	if (!deadline_is_set(&l->login))
		c->ws.max = l->host->settings->eio.max_payload;
	for (size_t i = 0; l->conn && i < frame_queue_count(p->queue); i++)
		link_send_ws(l, frame_queue_at(p->queue, i));
	if (l->polling)
		frame_queue_free(&p->queue);
	/* The session ended while the client changed over: what it was told last has just left. */
	if (l->state == LINK_CLOSING)
		conn_close_ws(c, WS_CLOSE_NORMAL);
}

void polling_on_probe(struct link *l, struct conn *c, bool binary, struct str data)
{
	if (!binary && str_is(data, "2probe"))
		answer_probe(l, c);
	else if (!binary && str_is(data, "5"))
		complete_upgrade(l, c);
	else
		conn_close_ws(c, WS_CLOSE_PROTOCOL);
}

/* A poll or a push that the client gave up is the end; a probe is not. */
void polling_on_conn_gone(struct link *l, struct conn *c)
{
	struct polling *p = l->polling;

	if (p->probe == c) {
		p->probe = NULL;
		p->probed = false;
		return;
	}
	if (p->poll == c)
		p->poll = NULL;
	else
		p->push = NULL;
	link_end(l, WS_CLOSE_GOING_AWAY, LINK_BROKE);
}

static void await_last_poll(struct link *l, uint32_t ms)
{
	struct link_host *h = l->host;

	l->state = LINK_CLOSING;
	deadline_clear(&l->beat);
	deadline_set(&l->polling->deadline, &h->poll_lingers, loop_now(h->loop) + ms);
}

/* A poll and the push of a goodbye leave the client together, on two connections, and may come in
 * either order: so a goodbye waits a moment for the poll, and its own answer waits with it. */
void polling_end(struct link *l, enum link_end how)
{
	struct polling *p = l->polling;

	p->left = how == LINK_LEFT;
	if (p->poll) {
		answer_poll(l, true, p->left ? POLLING_NOOP : POLLING_CLOSE);
		link_over(l);
	} else if (how == LINK_BROKE) {
		link_over(l);
	} else {
		await_last_poll(l, p->left ? POLLING_LATE_MS : l->host->settings->linger_ms);
	}
}

void polling_on_stall_deadline(struct deadline *d, int64_t now_ms)
{
	struct polling *p = LIST_ENTRY(d, struct polling, deadline);

	(void)now_ms;
	p->link->host->counters.slow++;
	link_end(p->link, WS_CLOSE_TRY_LATER, LINK_BROKE);
}

void polling_on_linger_deadline(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	link_over(LIST_ENTRY(d, struct polling, deadline)->link);
}
