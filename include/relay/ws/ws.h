/*
 * WebSocket frames, server side (RFC 6455 section 5): bytes in, events out, and frame heads for what
 * is sent.  No I/O, no extension, no subprotocol.
 *
 *    0                   1                   2                   3
 *   |F|RSV|opcode |M| length (7) | 16 or 64 bits more, network order |
 *   | masking key (4 bytes, when M)      | payload ...               |
 *
 * A frame that lies whole in the input is unmasked in place and handed out from there: no copy, and
 * an idle connection owns no buffer.  Only what is incomplete is kept, bounded by the message limit.
 */
#ifndef DIALTONE_RELAY_WS_WS_H
#define DIALTONE_RELAY_WS_WS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/frame.h"
#include "base/str.h"

enum ws_opcode {
	WS_CONTINUATION = 0,
	WS_TEXT = 1,
	WS_BINARY = 2,
	WS_CLOSE = 8,
	WS_PING = 9,
	WS_PONG = 10
};

/* Close codes (RFC 6455 section 7.4.1), those we send or expect. */
enum ws_close {
	WS_CLOSE_NORMAL = 1000,
	WS_CLOSE_GOING_AWAY = 1001,
	WS_CLOSE_PROTOCOL = 1002,
	WS_CLOSE_NONE = 1005, /* the peer gave no code; never on the wire */
	WS_CLOSE_NOT_UTF8 = 1007,
	WS_CLOSE_POLICY = 1008,
	WS_CLOSE_TOO_BIG = 1009,
	WS_CLOSE_RESTART = 1012,
	WS_CLOSE_TRY_LATER = 1013
};

struct ws_event {
	enum ws_opcode op; /* WS_TEXT and WS_BINARY are whole messages, fragments joined */
	struct str data;   /* borrowed until the next ws_read(); for WS_CLOSE the reason */
	uint16_t code;     /* WS_CLOSE: what the peer said, or WS_CLOSE_NONE */
};

struct ws_partial;

struct ws {
	struct ws_partial *partial; /* NULL between messages that came whole */
	uint32_t max;               /* bytes of a message */
	uint16_t code;              /* after ERR_PROTOCOL */
	uint16_t fragments;         /* frames that the last ws_read() took and that gave no event */
};

/* max: the largest message accepted, fragments together, of which there may be 256. */
void ws_init(struct ws *w, uint32_t max);
/* Forgets what is incomplete. */
void ws_finish(struct ws *w);

/*
 * Takes bytes until one event is complete; p is overwritten by unmasking.
 * ERR_OK: *ret is set, *ret_used bytes were taken, call again with the rest (also when none is left
 * of it). ERR_AGAIN: all bytes were taken, more are needed. ERR_PROTOCOL: the peer broke the rules,
 * w->code is the close code to answer with, nothing may be read any more.
 */
MUST_CHECK enum err ws_read(
	struct ws *w, uint8_t *p, size_t n, struct ws_event *ret, size_t *ret_used);

/* Writes an unmasked head for n payload bytes, final fragment. Returns its length. */
size_t ws_head_put(uint8_t out[FRAME_HEADROOM], enum ws_opcode op, size_t n);
/* Gives the frame a WebSocket head unless it has one. */
void ws_frame_head(struct frame *f, enum ws_opcode op);
/* A whole control frame of at most 125 bytes payload. Returns its length. */
size_t ws_control_put(uint8_t out[127], enum ws_opcode op, struct str data);
/* A close frame; WS_CLOSE_NONE gives one without a code. Returns its length. */
size_t ws_close_put(uint8_t out[127], uint16_t code);

#endif
