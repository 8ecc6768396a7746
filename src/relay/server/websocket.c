#include "websocket.h"

#include "base/buf.h"

static void put_open_packet(struct peer *peer, struct buf *out)
{
	char sid[PEER_SID_SIZE];
	uint8_t head[FRAME_HEADROOM];
	struct buf packet;

	peer_make_sid(peer->server, sid);
	buf_init(&packet, 512);
	eio_open_put(&packet, &peer->server->settings->eio, sid, EIO_WEBSOCKET);
	buf_add(out, head, ws_head_put(head, WS_TEXT, packet.n));
	buf_add(out, packet.p, packet.n);
	buf_finish(&packet);
}

void websocket_open(struct conn *c, const struct peer_opening *opening, struct buf *answer)
{
	struct peer *peer = peer_new(c->server, opening);

	peer->conn = c;
	peer->transport = &websocket_transport;
	conn_become_ws(c, peer);
	put_open_packet(peer, answer);
	conn_send_bytes(c, buf_str(answer));
	peer_start(peer);
}

/* Engine.IO 3 has the type in front of bytes, as a number. */
static struct frame *with_type(const struct frame *f)
{
	struct frame *made = frame_from(STR("\x04"), frame_text(f));

	made->binary = true;
	ws_frame_head(made, WS_BINARY);
	return made;
}

void websocket_send(struct peer *peer, struct frame *f)
{
	struct frame *typed;

	if (!f->binary || peer->eio.version != EIO_VERSION_3) {
		conn_send_frame(peer->conn, f);
		return;
	}
	typed = with_type(f);
	conn_send_frame(peer->conn, typed);
	frame_unref(&typed);
}

void websocket_end(struct peer *peer, uint16_t code, enum peer_end how)
{
	(void)how;
	conn_close_ws(peer->conn, code, CLOSE_NONE);
}

void websocket_on_conn_gone(struct peer *peer, struct conn *c)
{
	peer_note_end(peer, c->close_code, conn_closing(c));
	peer->conn = NULL;
	peer_over(peer);
}

/* Clients that are told to send no bytes (forceBase64) keep to it on a WebSocket too. */
static void on_base64(struct peer *peer, char *text, size_t n)
{
	struct eio_part part;

	if (eio_base64_read(peer_text_form(peer), text, n, &part) != ERR_OK)
		peer_end(peer, WS_CLOSE_PROTOCOL, PEER_BROKE, CLOSE_PROTOCOL);
	else
		peer_on_binary(peer, part.data);
}

void websocket_on_message(struct peer *peer, struct conn *c, bool binary, struct str data)
{
	(void)c;
	if (!binary && data.n > 0 && data.p[0] == 'b') {
		on_base64(peer, (char *)(uintptr_t)data.p, data.n);
	} else if (!binary) {
		peer_on_text(peer, data);
	} else if (peer->eio.version != EIO_VERSION_3) {
		peer_on_binary(peer, data);
	} else if (data.n > 0 && data.p[0] == EIO_MESSAGE) {
		peer_on_binary(peer, (struct str){ data.p + 1, data.n - 1 });
	} else {
		peer_end(peer, WS_CLOSE_PROTOCOL, PEER_BROKE, CLOSE_PROTOCOL);
	}
}

size_t websocket_waiting(const struct peer *peer)
{
	return sock_waiting(&peer->conn->sock);
}

const struct transport websocket_transport = {
	.send = websocket_send,
	.end = websocket_end,
	.message = websocket_on_message,
	.conn_gone = websocket_on_conn_gone,
	.waiting = websocket_waiting,
};
