#include "relay/ws/ws.h"

#include "base/buf.h"
#include "fuzz.h"

#define MESSAGE_MAX 300
#define SAID_MAX    (1 << 20)

static void check_event(const struct ws_event *event)
{
	switch (event->op) {
	case WS_TEXT:
		require(utf8_is_valid(event->data.p, event->data.n));
		require(event->data.n <= MESSAGE_MAX);
		break;
	case WS_BINARY:
		require(event->data.n <= MESSAGE_MAX);
		break;
	case WS_CLOSE:
		require(utf8_is_valid(event->data.p, event->data.n));
		require(event->data.n <= 123);
		break;
	default:
		require(event->op == WS_PING || event->op == WS_PONG);
		require(event->data.n <= 125);
	}
}

/* Reads one piece and writes down what happened. The close code, 0 when nothing is wrong. */
static uint16_t feed(struct ws *w, const uint8_t *data, size_t n, struct buf *said)
{
	uint8_t *piece = malloc(n + 1);
	struct ws_event event;
	size_t at = 0, used;
	enum err e;

	memcpy(piece, data, n);
	while ((e = ws_read(w, piece + at, n - at, &event, &used)) == ERR_OK) {
		at += used;
		require(at <= n);
		check_event(&event);
		buf_printf(said, "%d %u %zu:", event.op, event.op == WS_CLOSE ? event.code : 0U,
			event.data.n);
		buf_add(said, event.data.p, event.data.n);
	}
	free(piece);
	require(e == ERR_AGAIN || (e == ERR_PROTOCOL && w->code >= 1000));
	return e == ERR_PROTOCOL ? w->code : 0;
}

static void read_in_pieces(const uint8_t *data, size_t n, size_t piece, struct buf *said)
{
	uint16_t code = 0;
	struct ws w;

	ws_init(&w, MESSAGE_MAX);
	for (size_t at = 0; at < n && !code; at += piece)
		code = feed(&w, data + at, n - at < piece ? n - at : piece, said);
	buf_printf(said, "end %u", code);
	ws_finish(&w);
}

/* However the bytes are cut, the messages are the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, cut;

	if (size < 1)
		return 0;
	buf_init(&whole, SAID_MAX);
	buf_init(&cut, SAID_MAX);
	read_in_pieces(data + 1, size - 1, size, &whole);
	read_in_pieces(data + 1, size - 1, data[0] % 16U + 1, &cut);
	require(whole.overflow || cut.overflow || str_eq(buf_str(&whole), buf_str(&cut)));
	buf_finish(&whole);
	buf_finish(&cut);
	return 0;
}
