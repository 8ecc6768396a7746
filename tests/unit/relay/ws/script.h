/* Client-side frames for tests: masked, written by hand. */
#ifndef DIALTONE_TESTS_UNIT_RELAY_WS_SCRIPT_H
#define DIALTONE_TESTS_UNIT_RELAY_WS_SCRIPT_H

#include <stdbool.h>

#include "base/buf.h"
#include "relay/ws/ws.h"

/* Appends one masked frame. */
static inline void script_frame(struct buf *out, enum ws_opcode op, bool fin, struct str data)
{
	static const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	uint8_t head[FRAME_HEADROOM];
	size_t n = ws_head_put(head, op, data.n);

	head[0] = (uint8_t)((fin ? 0x80 : 0) | op);
	head[1] |= 0x80;
	buf_add(out, head, n);
	buf_add(out, mask, 4);
	for (size_t i = 0; i < data.n; i++)
		buf_add_char(out, (char)((uint8_t)data.p[i] ^ mask[i & 3]));
}

static inline void script_text(struct buf *out, const char *text)
{
	script_frame(out, WS_TEXT, true, str_from(text));
}

#endif
