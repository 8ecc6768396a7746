#define _GNU_SOURCE
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/encode.h"
#include "base/log.h"
#include "base/mem.h"
#include "address.h"
#include "refused.h"

#define PEER_RANDOM_BYTES 15 /* 120 bits, 20 characters */
/* A timer that fires this late tells of a stopped machine, not of a busy loop. */
#define PEER_LATE_MS 100

static void make_id(char out[SIO_ID_SIZE])
{
	uint8_t bytes[PEER_RANDOM_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		log_fatal("no random numbers");
	base64url_encode(out, bytes, sizeof(bytes));
}

static void start_timer(struct peer *peer, int64_t from_ms)
{
	struct server *server = peer->server;
	enum eio_timer timer = (enum eio_timer)peer->eio.timer;

	deadline_set(&peer->beat, &server->beats[timer],
		from_ms + eio_timer_ms(timer, &server->settings->eio));
}

/* After a restart thousands come back in one burst; their pings shall not come in bursts for ever. */
static void start_first_timer(struct peer *peer)
{
	struct server *server = peer->server;
	unsigned part = server->spread++ % SERVER_SPREAD;
	uint32_t ms = eio_timer_ms((enum eio_timer)peer->eio.timer, &server->settings->eio);

	if (peer->eio.timer != EIO_TIMER_PING) {
		start_timer(peer, loop_now(server->loop));
		return;
	}
	ms -= ms / 5 * part / SERVER_SPREAD;
	deadline_set(&peer->beat, &server->first_beats[part], loop_now(server->loop) + ms);
}

/* Strangers may fill a quarter of the places; then the one that has waited longest makes room. */
static void start_login_deadline(struct peer *peer)
{
	struct server *server = peer->server;

	if (!server->settings->login_ms || peer->sio.kind->app->on_message ||
		deadline_is_set(&peer->login))
		return;
	deadline_set(
		&peer->login, &server->logins, loop_now(server->loop) + server->settings->login_ms);
	address_count_stranger(peer->address, 1);
	if (++server->counters.strangers <= server->settings->max_connections / 4 + 1)
		return;
	struct peer *oldest = LIST_ENTRY(server->logins.items.next, struct peer, login.link);

	refused_note(server, REASON_STRANGERS, address_network(oldest->address));
	peer_end(oldest, WS_CLOSE_TRY_LATER, PEER_SENT, CLOSE_STRANGERS);
}

static void stop_login_deadline(struct peer *peer)
{
	if (!deadline_is_set(&peer->login))
		return;
	deadline_clear(&peer->login);
	peer->server->counters.strangers--;
	address_count_stranger(peer->address, -1);
}

struct peer *peer_new(struct server *server, const struct peer_opening *opening)
{
	enum eio_version version = opening->version;
	struct peer *peer = mem_alloc(sizeof(*peer));

	peer->server = server;
	sio_init(&peer->sio, opening->kind,
		version == EIO_VERSION_3 ? SIO_PROTOCOL_4 : SIO_PROTOCOL_5);
	eio_session_init(&peer->eio, version, loop_now(server->loop));
	deadline_init(&peer->beat);
	deadline_init(&peer->login);
	peer->address = address_add(server, opening->network);
	server->counters.sessions++;
	server->counters.handshakes++;
	server->counters.old_protocol += version == EIO_VERSION_3;
	return peer;
}

void peer_make_sid(const struct server *server, char out[PEER_SID_SIZE])
{
	char id[SIO_ID_SIZE];

	make_id(id);
	snprintf(out, PEER_SID_SIZE, "%.2s%s", server->settings->id, id);
}

void peer_start(struct peer *peer)
{
	if (peer->state != PEER_OPEN)
		return;
	start_first_timer(peer);
	start_login_deadline(peer);
	sio_start(&peer->sio);
}

void peer_over(struct peer *peer)
{
	if (peer->state == PEER_DEAD)
		return;
	peer->state = PEER_DEAD;
	peer_note_end(peer, 0, CLOSE_LOST);
	stop_login_deadline(peer);
	address_remove(peer->server, peer->address);
	peer->address = NULL;
	if (peer->transport->release)
		peer->transport->release(peer);
	peer->server->counters.sessions--;
	peer->server->counters.old_protocol -= peer->eio.version == EIO_VERSION_3;
	deadline_set(&peer->beat, &peer->server->dead_peers, loop_now(peer->server->loop));
}

void peer_on_conn_gone(struct conn *c)
{
	struct peer *peer = c->peer;

	c->peer = NULL;
	peer->transport->conn_gone(peer, c);
}

void peer_on_message(struct conn *c, bool binary, struct str data)
{
	c->peer->transport->message(c->peer, c, binary, data);
}

bool peer_on_frame(struct conn *c)
{
	return peer_count_message(c->peer);
}

void peer_bury(struct deadline *d, int64_t now_ms)
{
	struct peer *peer = LIST_ENTRY(d, struct peer, beat);

	(void)now_ms;
	sio_on_gone(&peer->sio);
	free(peer);
}

void peer_note_end(struct peer *peer, uint16_t code, enum close_reason why)
{
	const struct sio_closing closing = { why, code };

	if (sio_close(&peer->sio, &closing))
		peer->server->counters.closed[why]++;
}

void peer_end(struct peer *peer, uint16_t code, enum peer_end how, enum close_reason why)
{
	if (peer->state == PEER_DEAD)
		return;
	peer_note_end(peer, code, why);
	if (how == PEER_BROKE)
		peer->broke = true;
	if (peer->state == PEER_OPEN && (unsigned)code - WS_CLOSE_NORMAL < SERVER_CODES)
		peer->server->counters.ended[code - WS_CLOSE_NORMAL]++;
	peer->transport->end(peer, code, how);
}

static void send_frame(struct peer *peer, struct frame *f)
{
	if (peer->state != PEER_OPEN)
		return;
	ws_frame_head(f, f->binary ? WS_BINARY : WS_TEXT);
	peer->transport->send(peer, f);
}

static void on_step(struct peer *peer, struct eio_step step, struct str data, int64_t from_ms)
{
	if (step.restart)
		start_timer(peer, from_ms);
	switch (step.verdict) {
	case EIO_NOTHING:
		break;
	case EIO_DELIVER:
		sio_on_text(&peer->sio, data);
		break;
	case EIO_SEND_PING:
		send_frame(peer, peer->server->ping);
		break;
	case EIO_SEND_PONG:
		send_frame(peer, peer->server->pong);
		break;
	case EIO_CLOSED:
		peer_end(peer, WS_CLOSE_NORMAL, PEER_LEFT, CLOSE_CLIENT);
		break;
	case EIO_TIMED_OUT:
		peer_end(peer, WS_CLOSE_GOING_AWAY, PEER_BROKE, CLOSE_PING);
		break;
	case EIO_BROKEN:
		peer_end(peer, WS_CLOSE_PROTOCOL, PEER_BROKE, CLOSE_PROTOCOL);
		break;
	}
}

bool peer_count_message(struct peer *peer)
{
	const struct server_settings *s = peer->server->settings;
	int64_t now = loop_now(peer->server->loop), early;

	if (pace_has_rested(&peer->messages, now))
		peer->flood_since_ms = 0;
	early = pace_charge(&peer->messages, &s->messages, now);
	if (early == 0)
		return true;
	if (!peer->flood_since_ms)
		peer->flood_since_ms = now;
	if (early > s->flood_ms || now - peer->flood_since_ms >= s->flood_ms) {
		refused_note(peer->server, REASON_MESSAGES, address_network(peer->address));
		peer_end(peer, WS_CLOSE_POLICY, PEER_BROKE, CLOSE_MESSAGES);
		return false;
	}
	if (peer->conn)
		conn_pause(peer->conn, early);
	return true;
}

void peer_on_text(struct peer *peer, struct str text)
{
	struct eio_packet packet;

	if (!peer_count_message(peer))
		return;
	if (!eio_packet_parse(text, &packet))
		peer_end(peer, WS_CLOSE_PROTOCOL, PEER_BROKE, CLOSE_PROTOCOL);
	else
		on_step(peer, eio_session_on_packet(&peer->eio, packet.type), packet.data,
			loop_now(peer->server->loop));
}

void peer_on_binary(struct peer *peer, struct str bytes)
{
	struct eio_step step;

	if (!peer_count_message(peer))
		return;
	step = eio_session_on_packet(&peer->eio, EIO_MESSAGE);
	if (step.restart)
		start_timer(peer, loop_now(peer->server->loop));
	sio_on_binary(&peer->sio, bytes);
}

enum eio_form peer_text_form(const struct peer *peer)
{
	return peer->eio.version == EIO_VERSION_4 ? EIO_FORM_4 : EIO_FORM_3_TEXT;
}

/* Counted from when it was due, so that a loop that is late does not make the session live longer. */
void peer_on_beat(struct deadline *d, int64_t now_ms)
{
	struct peer *peer = LIST_ENTRY(d, struct peer, beat);
	int64_t due_ms = d->at_ms;

	on_step(peer, eio_session_on_timer(&peer->eio, &peer->server->settings->eio, now_ms),
		STR(""), now_ms - due_ms < PEER_LATE_MS ? due_ms : now_ms);
}

void peer_catch_up(struct peer *peer)
{
	int64_t now = loop_now(peer->server->loop);

	while (peer->state == PEER_OPEN && deadline_is_set(&peer->beat) &&
		peer->beat.at_ms <= now) {
		deadline_clear(&peer->beat);
		peer_on_beat(&peer->beat, now);
	}
}

void peer_on_login_deadline(struct deadline *d, int64_t now_ms)
{
	struct peer *peer = LIST_ENTRY(d, struct peer, login);

	(void)now_ms;
	peer->server->counters.strangers--;
	address_count_stranger(peer->address, -1);
	refused_note(peer->server, REASON_LOGIN_TIME, address_network(peer->address));
	peer_end(peer, WS_CLOSE_POLICY, PEER_SENT, CLOSE_LOGIN_TIME);
}

static void carrier_send(struct sio *s, struct frame *f)
{
	send_frame(LIST_ENTRY(s, struct peer, sio), f);
}

static void carrier_end(struct sio *s, enum sio_end how, enum close_reason why)
{
	static const struct {
		uint16_t code;
		enum peer_end how;
	} ends[] = {
		[SIO_END_BROKEN] = { WS_CLOSE_PROTOCOL, PEER_BROKE },
		[SIO_END_LEFT] = { WS_CLOSE_NORMAL, PEER_SENT },
		[SIO_END_RETRY] = { WS_CLOSE_TRY_LATER, PEER_SENT },
		[SIO_END_RESTART] = { WS_CLOSE_RESTART, PEER_SENT },
	};

	peer_end(LIST_ENTRY(s, struct peer, sio), ends[how].code, ends[how].how, why);
}

static void carrier_settled(struct sio *s, bool yes)
{
	struct peer *peer = LIST_ENTRY(s, struct peer, sio);

	if (yes) {
		stop_login_deadline(peer);
		if (peer->conn)
			peer->conn->ws.max = peer->server->settings->eio.max_payload;
	} else if (peer->state == PEER_OPEN) {
		start_login_deadline(peer);
	}
}

static size_t carrier_waiting(struct sio *s)
{
	const struct peer *peer = LIST_ENTRY(s, struct peer, sio);

	return peer->state == PEER_OPEN ? peer->transport->waiting(peer) : 0;
}

static const char *carrier_network(struct sio *s)
{
	return address_network(LIST_ENTRY(s, struct peer, sio)->address);
}

const struct sio_carrier peer_carrier = {
	.send = carrier_send,
	.end = carrier_end,
	.make_id = make_id,
	.settled = carrier_settled,
	.waiting = carrier_waiting,
	.network = carrier_network,
};
