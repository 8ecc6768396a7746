#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/encode.h"
#include "base/log.h"
#include "base/mem.h"
#include "link_priv.h"

#define LINK_RANDOM_BYTES 15 /* 120 bits, 20 characters */

static void make_id(char out[SIO_ID_SIZE])
{
	uint8_t bytes[LINK_RANDOM_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		log_fatal("no random numbers");
	base64url_encode(out, bytes, sizeof(bytes));
}

static void start_timer(struct link *l)
{
	struct link_host *h = l->host;
	enum eio_timer timer = (enum eio_timer)l->eio.timer;
	uint32_t ms = eio_timer_ms(timer, &h->settings->eio);

	deadline_set(&l->beat, &h->beats[timer], loop_now(h->loop) + ms);
}

/* After a restart thousands come back in one burst; their pings shall not come in bursts for ever. */
static void start_first_timer(struct link *l)
{
	struct link_host *h = l->host;
	unsigned part = h->spread++ % LINK_SPREAD;
	uint32_t ms = eio_timer_ms((enum eio_timer)l->eio.timer, &h->settings->eio);

	if (l->eio.timer != EIO_TIMER_PING) {
		start_timer(l);
		return;
	}
	ms -= ms / 5 * part / LINK_SPREAD;
	deadline_set(&l->beat, &h->first_beats[part], loop_now(h->loop) + ms);
}

static void start_login_deadline(struct link *l)
{
	struct link_host *h = l->host;

	if (h->settings->login_ms)
		deadline_set(&l->login, &h->logins, loop_now(h->loop) + h->settings->login_ms);
}

static struct link *link_new(struct conn *c, enum eio_version version)
{
	struct link *l = mem_alloc(sizeof(*l));

	l->host = c->host;
	l->conn = c;
	c->link = l;
	sio_init(&l->sio, &c->host->kind);
	eio_session_init(&l->eio, version, loop_now(c->host->loop));
	deadline_init(&l->beat);
	deadline_init(&l->login);
	return l;
}

static void put_open_packet(struct link *l, struct buf *out)
{
	char id[SIO_ID_SIZE], sid[SIO_ID_SIZE + 2];
	uint8_t head[FRAME_HEADROOM];
	struct buf packet;

	make_id(id);
	snprintf(sid, sizeof(sid), "%.2s%s", l->host->settings->id, id);
	buf_init(&packet, 512);
	eio_open_put(&packet, &l->host->settings->eio, sid, EIO_WEBSOCKET);
	buf_add(out, head, ws_head_put(head, WS_TEXT, packet.n));
	buf_add(out, packet.p, packet.n);
	buf_finish(&packet);
}

void link_open(struct conn *c, enum eio_version version, struct buf *opening)
{
	struct link *l = link_new(c, version);

	c->state = CONN_WS;
	deadline_clear(&c->deadline);
	put_open_packet(l, opening);
	conn_send_bytes(c, buf_str(opening));
	if (c->state != CONN_WS)
		return;
	start_first_timer(l);
	start_login_deadline(l);
}

void link_detach(struct link *l)
{
	if (!l->conn)
		return;
	l->conn->link = NULL;
	l->conn = NULL;
	deadline_clear(&l->login);
	deadline_set(&l->beat, &l->host->dead_links, loop_now(l->host->loop));
}

void link_bury(struct deadline *d, int64_t now_ms)
{
	struct link *l = LIST_ENTRY(d, struct link, beat);

	(void)now_ms;
	sio_on_gone(&l->sio);
	free(l);
}

static void close_transport(struct link *l, uint16_t code)
{
	if (l->conn)
		conn_close_ws(l->conn, code);
}

static void send_frame(struct link *l, struct frame *f)
{
	if (l->conn)
		conn_send_frame(l->conn, f);
}

static void on_step(struct link *l, struct eio_step step, struct str data)
{
	if (step.restart)
		start_timer(l);
	switch (step.verdict) {
	case EIO_NOTHING:
		break;
	case EIO_DELIVER:
		sio_on_text(&l->sio, data);
		break;
	case EIO_SEND_PING:
		send_frame(l, l->host->ping);
		break;
	case EIO_SEND_PONG:
		send_frame(l, l->host->pong);
		break;
	case EIO_CLOSED:
		close_transport(l, WS_CLOSE_NORMAL);
		break;
	case EIO_TIMED_OUT:
		close_transport(l, WS_CLOSE_GOING_AWAY);
		break;
	case EIO_BROKEN:
		close_transport(l, WS_CLOSE_PROTOCOL);
		break;
	}
}

void link_on_text(struct link *l, struct str text)
{
	struct eio_packet packet;

	if (!eio_packet_parse(text, &packet))
		close_transport(l, WS_CLOSE_PROTOCOL);
	else
		on_step(l, eio_session_on_packet(&l->eio, packet.type), packet.data);
}

void link_on_binary(struct link *l, struct str bytes)
{
	sio_on_binary(&l->sio, bytes);
}

void link_on_beat(struct deadline *d, int64_t now_ms)
{
	struct link *l = LIST_ENTRY(d, struct link, beat);

	on_step(l, eio_session_on_timer(&l->eio, &l->host->settings->eio, now_ms), STR(""));
}

void link_on_login_deadline(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	close_transport(LIST_ENTRY(d, struct link, login), WS_CLOSE_POLICY);
}

static void carrier_send(struct sio *s, struct frame *f)
{
	struct link *l = LIST_ENTRY(s, struct link, sio);

	ws_frame_head(f, WS_TEXT);
	send_frame(l, f);
}

static void carrier_end(struct sio *s, enum sio_end how)
{
	static const uint16_t codes[] = {
		[SIO_END_BROKEN] = WS_CLOSE_PROTOCOL,
		[SIO_END_LEFT] = WS_CLOSE_NORMAL,
		[SIO_END_RETRY] = WS_CLOSE_TRY_LATER,
	};

	close_transport(LIST_ENTRY(s, struct link, sio), codes[how]);
}

static void carrier_settled(struct sio *s, bool yes)
{
	struct link *l = LIST_ENTRY(s, struct link, sio);

	if (yes)
		deadline_clear(&l->login);
	else if (l->conn)
		start_login_deadline(l);
}

const struct sio_carrier link_carrier = {
	.send = carrier_send,
	.end = carrier_end,
	.make_id = make_id,
	.settled = carrier_settled,
};
