#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/encode.h"
#include "base/log.h"
#include "base/mem.h"
#include "link_priv.h"

#define LINK_RANDOM_BYTES 15 /* 120 bits, 20 characters */
/* A timer that fires this late tells of a stopped machine, not of a busy loop. */
#define LINK_LATE_MS 100

static void make_id(char out[SIO_ID_SIZE])
{
	uint8_t bytes[LINK_RANDOM_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		log_fatal("no random numbers");
	base64url_encode(out, bytes, sizeof(bytes));
}

static void start_timer(struct link *l, int64_t from_ms)
{
	struct link_host *h = l->host;
	enum eio_timer timer = (enum eio_timer)l->eio.timer;

	deadline_set(&l->beat, &h->beats[timer], from_ms + eio_timer_ms(timer, &h->settings->eio));
}

/* After a restart thousands come back in one burst; their pings shall not come in bursts for ever. */
static void start_first_timer(struct link *l)
{
	struct link_host *h = l->host;
	unsigned part = h->spread++ % LINK_SPREAD;
	uint32_t ms = eio_timer_ms((enum eio_timer)l->eio.timer, &h->settings->eio);

	if (l->eio.timer != EIO_TIMER_PING) {
		start_timer(l, loop_now(h->loop));
		return;
	}
	ms -= ms / 5 * part / LINK_SPREAD;
	deadline_set(&l->beat, &h->first_beats[part], loop_now(h->loop) + ms);
}

/* Strangers may fill a quarter of the places; then the one that has waited longest makes room. */
static void start_login_deadline(struct link *l)
{
	struct link_host *h = l->host;

	if (!h->settings->login_ms || l->sio.kind->app->on_message || deadline_is_set(&l->login))
		return;
	deadline_set(&l->login, &h->logins, loop_now(h->loop) + h->settings->login_ms);
	if (++h->counters.strangers > h->settings->max_connections / 4 + 1)
		link_end(LIST_ENTRY(h->logins.items.next, struct link, login.link),
			WS_CLOSE_TRY_LATER, LINK_SENT);
}

static void stop_login_deadline(struct link *l)
{
	if (!deadline_is_set(&l->login))
		return;
	deadline_clear(&l->login);
	l->host->counters.strangers--;
}

static struct link *link_new(struct link_host *h, enum eio_version version,
	const struct sio_kind *kind, struct str address)
{
	struct link *l = mem_alloc(sizeof(*l));

	l->host = h;
	sio_init(&l->sio, kind, version == EIO_VERSION_3 ? SIO_PROTOCOL_4 : SIO_PROTOCOL_5);
	eio_session_init(&l->eio, version, loop_now(h->loop));
	deadline_init(&l->beat);
	deadline_init(&l->login);
	source_add(l, address);
	h->counters.sessions++;
	h->counters.handshakes++;
	h->counters.old_protocol += version == EIO_VERSION_3;
	return l;
}

static void make_sid(const struct link_host *h, char out[LINK_SID_SIZE])
{
	char id[SIO_ID_SIZE];

	make_id(id);
	snprintf(out, LINK_SID_SIZE, "%.2s%s", h->settings->id, id);
}

static void put_open_packet(struct link *l, struct buf *out)
{
	char sid[LINK_SID_SIZE];
	uint8_t head[FRAME_HEADROOM];
	struct buf packet;

	make_sid(l->host, sid);
	buf_init(&packet, 512);
	eio_open_put(&packet, &l->host->settings->eio, sid, EIO_WEBSOCKET);
	buf_add(out, head, ws_head_put(head, WS_TEXT, packet.n));
	buf_add(out, packet.p, packet.n);
	buf_finish(&packet);
}

static void start(struct link *l)
{
	if (l->state != LINK_OPEN)
		return;
	start_first_timer(l);
	start_login_deadline(l);
	sio_start(&l->sio);
}

void link_open_ws(struct conn *c, enum eio_version version, const struct sio_kind *kind,
	struct str address, struct buf *opening)
{
	struct link *l = link_new(c->host, version, kind, address);

	l->conn = c;
	conn_become_ws(c, l);
	put_open_packet(l, opening);
	conn_send_bytes(c, buf_str(opening));
	start(l);
}

void link_open_polling(struct conn *c, enum eio_version version, const struct sio_kind *kind,
	struct str address, bool base64)
{
	struct link *l = link_new(c->host, version, kind, address);
	struct http_answer a = { .status = 200,
		.type = "text/plain; charset=UTF-8",
		.headers = "Cache-Control: no-store\r\n" };
	struct buf packet, body;
	struct eio_part part = { 0 };
	char sid[LINK_SID_SIZE];

	make_sid(l->host, sid);
	polling_new(l, sid, base64);
	buf_init(&packet, 512);
	buf_init(&body, 1024);
	eio_open_put(&packet, &l->host->settings->eio, sid, EIO_POLLING);
	part.data = buf_str(&packet);
	eio_payload_put(&body, polling_form(l), &part);
	a.body = buf_str(&body);
	start(l);
	exchange_answer(c, &a);
	buf_finish(&packet);
	buf_finish(&body);
}

void link_over(struct link *l)
{
	if (l->state == LINK_DEAD)
		return;
	l->state = LINK_DEAD;
	stop_login_deadline(l);
	source_remove(l);
	if (l->polling)
		polling_free(l);
	l->host->counters.sessions--;
	l->host->counters.old_protocol -= l->eio.version == EIO_VERSION_3;
	deadline_set(&l->beat, &l->host->dead_links, loop_now(l->host->loop));
}

void link_on_conn_gone(struct link *l, struct conn *c)
{
	c->link = NULL;
	if (l->conn == c) {
		l->conn = NULL;
		link_over(l);
	} else if (l->polling) {
		polling_on_conn_gone(l, c);
	}
}

void link_bury(struct deadline *d, int64_t now_ms)
{
	struct link *l = LIST_ENTRY(d, struct link, beat);

	(void)now_ms;
	sio_on_gone(&l->sio);
	free(l);
}

void link_end(struct link *l, uint16_t code, enum link_end how)
{
	if (l->state == LINK_DEAD)
		return;
	if (how == LINK_BROKE)
		l->broke = true;
	if (l->state == LINK_OPEN && (unsigned)code - WS_CLOSE_NORMAL < LINK_CODES)
		l->host->counters.ended[code - WS_CLOSE_NORMAL]++;
	if (l->conn)
		conn_close_ws(l->conn, code);
	else
		polling_end(l, how);
}

/* Engine.IO 3 has the type in front of bytes, as a number. */
static struct frame *with_type(const struct frame *f)
{
	struct frame *made = frame_from(STR("\x04"), frame_text(f));

	made->binary = true;
	ws_frame_head(made, WS_BINARY);
	return made;
}

void link_send_ws(struct link *l, struct frame *f)
{
	struct frame *typed;

	if (!f->binary || l->eio.version != EIO_VERSION_3) {
		conn_send_frame(l->conn, f);
		return;
	}
	typed = with_type(f);
	conn_send_frame(l->conn, typed);
	frame_unref(&typed);
}

static void send_frame(struct link *l, struct frame *f)
{
	if (l->state != LINK_OPEN)
		return;
	ws_frame_head(f, f->binary ? WS_BINARY : WS_TEXT);
	if (l->conn)
		link_send_ws(l, f);
	else
		polling_send(l, f);
}

static void on_step(struct link *l, struct eio_step step, struct str data, int64_t from_ms)
{
	if (step.restart)
		start_timer(l, from_ms);
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
		link_end(l, WS_CLOSE_NORMAL, LINK_LEFT);
		break;
	case EIO_TIMED_OUT:
		link_end(l, WS_CLOSE_GOING_AWAY, LINK_BROKE);
		break;
	case EIO_BROKEN:
		link_end(l, WS_CLOSE_PROTOCOL, LINK_BROKE);
		break;
	}
}

bool link_count_message(struct link *l)
{
	const struct link_settings *s = l->host->settings;
	int64_t now = loop_now(l->host->loop), early;

	if (pace_has_rested(&l->messages, now))
		l->flood_since_ms = 0;
	early = pace_charge(&l->messages, &s->messages, now);
	if (early == 0)
		return true;
	if (!l->flood_since_ms)
		l->flood_since_ms = now;
	if (early > s->flood_ms || now - l->flood_since_ms >= s->flood_ms) {
		l->host->counters.floods++;
		link_end(l, WS_CLOSE_POLICY, LINK_BROKE);
		return false;
	}
	if (l->conn)
		conn_pause(l->conn, early);
	return true;
}

void link_on_text(struct link *l, struct str text)
{
	struct eio_packet packet;

	if (!link_count_message(l))
		return;
	if (!eio_packet_parse(text, &packet))
		link_end(l, WS_CLOSE_PROTOCOL, LINK_BROKE);
	else
		on_step(l, eio_session_on_packet(&l->eio, packet.type), packet.data,
			loop_now(l->host->loop));
}

void link_on_binary(struct link *l, struct str bytes)
{
	struct eio_step step;

	if (!link_count_message(l))
		return;
	step = eio_session_on_packet(&l->eio, EIO_MESSAGE);
	if (step.restart)
		start_timer(l, loop_now(l->host->loop));
	sio_on_binary(&l->sio, bytes);
}

enum eio_form link_text_form(const struct link *l)
{
	return l->eio.version == EIO_VERSION_4 ? EIO_FORM_4 : EIO_FORM_3_TEXT;
}

/* Clients that are told to send no bytes (forceBase64) keep to it on a WebSocket too. */
static void on_base64(struct link *l, char *text, size_t n)
{
	struct eio_part part;

	if (eio_base64_read(link_text_form(l), text, n, &part) != ERR_OK)
		link_end(l, WS_CLOSE_PROTOCOL, LINK_BROKE);
	else
		link_on_binary(l, part.data);
}

void link_on_ws_message(struct link *l, struct conn *c, bool binary, struct str data)
{
	if (c != l->conn) {
		polling_on_probe(l, c, binary, data);
	} else if (!binary && data.n > 0 && data.p[0] == 'b') {
		on_base64(l, (char *)(uintptr_t)data.p, data.n);
	} else if (!binary) {
		link_on_text(l, data);
	} else if (l->eio.version != EIO_VERSION_3) {
		link_on_binary(l, data);
	} else if (data.n > 0 && data.p[0] == EIO_MESSAGE) {
		link_on_binary(l, (struct str){ data.p + 1, data.n - 1 });
	} else {
		link_end(l, WS_CLOSE_PROTOCOL, LINK_BROKE);
	}
}

/* Counted from when it was due, so that a loop that is late does not make the session live longer. */
void link_on_beat(struct deadline *d, int64_t now_ms)
{
	struct link *l = LIST_ENTRY(d, struct link, beat);
	int64_t due_ms = d->at_ms;

	on_step(l, eio_session_on_timer(&l->eio, &l->host->settings->eio, now_ms), STR(""),
		now_ms - due_ms < LINK_LATE_MS ? due_ms : now_ms);
}

void link_catch_up(struct link *l)
{
	int64_t now = loop_now(l->host->loop);

	while (l->state == LINK_OPEN && deadline_is_set(&l->beat) && l->beat.at_ms <= now) {
		deadline_clear(&l->beat);
		link_on_beat(&l->beat, now);
	}
}

void link_on_login_deadline(struct deadline *d, int64_t now_ms)
{
	struct link *l = LIST_ENTRY(d, struct link, login);

	(void)now_ms;
	l->host->counters.strangers--;
	link_end(l, WS_CLOSE_POLICY, LINK_SENT);
}

static void carrier_send(struct sio *s, struct frame *f)
{
	send_frame(LIST_ENTRY(s, struct link, sio), f);
}

static void carrier_end(struct sio *s, enum sio_end how)
{
	static const struct {
		uint16_t code;
		enum link_end how;
	} ends[] = {
		[SIO_END_BROKEN] = { WS_CLOSE_PROTOCOL, LINK_BROKE },
		[SIO_END_LEFT] = { WS_CLOSE_NORMAL, LINK_SENT },
		[SIO_END_RETRY] = { WS_CLOSE_TRY_LATER, LINK_SENT },
		[SIO_END_RESTART] = { WS_CLOSE_RESTART, LINK_SENT },
	};

	link_end(LIST_ENTRY(s, struct link, sio), ends[how].code, ends[how].how);
}

static void carrier_settled(struct sio *s, bool yes)
{
	struct link *l = LIST_ENTRY(s, struct link, sio);

	if (yes) {
		stop_login_deadline(l);
		if (l->conn)
			l->conn->ws.max = l->host->settings->eio.max_payload;
	} else if (l->state == LINK_OPEN) {
		start_login_deadline(l);
	}
}

const struct sio_carrier link_carrier = {
	.send = carrier_send,
	.end = carrier_end,
	.make_id = make_id,
	.settled = carrier_settled,
};
