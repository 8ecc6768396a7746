/*
 * Two ways through ws_read().  A frame that lies whole in the input, with nothing kept before it, is
 * unmasked and handed out where it is: the ordinary case.  Otherwise its bytes gather in
 * partial->frame, never more than the frame needs, and from there it goes the same way.  Data frames of
 * a fragmented message gather in partial->message; control frames may come between them.
 *
 * What was handed out is let go at the next ws_read(), and partial itself when nothing is pending, so
 * that a connection between two messages owns no memory.  The head alone decides whether a frame is
 * acceptable and fits: of the payload of one that is not, nothing is kept.
 */
#include "relay/ws/ws.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

#define WS_HEAD_MAX    14
#define WS_CONTROL_MAX 125
#define WS_FRAMES_MAX  256 /* of a message: empty ones need no room in it */

struct ws_head {
	enum ws_opcode op;
	bool fin;
	uint8_t n; /* bytes of the head */
	uint8_t mask[4];
	uint64_t payload;
};

/* What an incomplete frame or message needs; one of the two buffers is mostly unused. */
struct ws_partial {
	struct buf frame;   /* a frame that has not come whole, head included */
	bool frame_given;   /* its event was handed out; cleared by the next read */
	struct buf message; /* fragments so far */
	enum ws_opcode op;  /* of the fragmented message; WS_CONTINUATION: there is none */
	unsigned frames;    /* of it so far */
	struct utf8 utf8;
};

void ws_init(struct ws *w, uint32_t max)
{
	*w = (struct ws){ .max = max };
}

void ws_finish(struct ws *w)
{
	if (w->partial) {
		buf_finish(&w->partial->frame);
		buf_finish(&w->partial->message);
		free(w->partial);
	}
	w->partial = NULL;
}

static struct ws_partial *partial_get(struct ws *w)
{
	if (!w->partial) {
		w->partial = mem_alloc(sizeof(*w->partial));
		buf_init(&w->partial->frame, (size_t)w->max + WS_HEAD_MAX + WS_CONTROL_MAX);
		buf_init(&w->partial->message, w->max);
	}
	return w->partial;
}

static enum err broken(struct ws *w, enum ws_close code)
{
	w->code = (uint16_t)code;
	return ERR_PROTOCOL;
}

static bool is_control(enum ws_opcode op)
{
	return op >= WS_CLOSE;
}

static bool opcode_is_known(unsigned op)
{
	return op <= WS_BINARY || (op >= WS_CLOSE && op <= WS_PONG);
}

static uint64_t read_be(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static size_t length_bytes(const uint8_t *p)
{
	return (p[1] & 0x7f) == 126 ? 2 : (p[1] & 0x7f) == 127 ? 8 : 0;
}

static size_t head_size(const uint8_t *p)
{
	return 2 + length_bytes(p) + 4;
}

/* Length field: 7 bits, or 126 and 16 bits, or 127 and 64 bits; the shortest form is a must. */
static enum err head_length(const uint8_t *p, size_t more, uint64_t *ret)
{
	uint64_t len = more == 0 ? p[1] & 0x7f : read_be(p + 2, more);

	if ((more == 2 && len < 126) || (more == 8 && (len < 65536 || len >> 63)))
		return ERR_PROTOCOL;
	*ret = len;
	return ERR_OK;
}

/* ERR_AGAIN: the head is not whole. What can be refused from the first two bytes is. */
static enum err head_parse(const uint8_t *p, size_t n, struct ws_head *ret)
{
	struct ws_head h = { 0 };

	if (n < 2)
		return ERR_AGAIN;
	h.fin = p[0] & 0x80;
	h.op = (enum ws_opcode)(p[0] & 0x0f);
	if ((p[0] & 0x70) || !opcode_is_known(p[0] & 0x0f) || !(p[1] & 0x80))
		return ERR_PROTOCOL;
	if (is_control(h.op) && (!h.fin || (p[1] & 0x7f) > WS_CONTROL_MAX))
		return ERR_PROTOCOL;
	h.n = (uint8_t)head_size(p);
	if (n < h.n)
		return ERR_AGAIN;
	if (head_length(p, length_bytes(p), &h.payload) != ERR_OK)
		return ERR_PROTOCOL;
	memcpy(h.mask, p + h.n - 4, 4);
	*ret = h;
	return ERR_OK;
}

static void unmask(uint8_t *p, size_t n, const uint8_t mask[4])
{
	uint32_t m, word;
	size_t i = 0;

	memcpy(&m, mask, 4);
	for (; i + 4 <= n; i += 4) {
		memcpy(&word, p + i, 4);
		word ^= m;
		memcpy(p + i, &word, 4);
	}
	for (; i < n; i++)
		p[i] ^= mask[i & 3];
}

static bool close_code_is_valid(uint16_t code)
{
	return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
	       (code >= 3000 && code <= 4999);
}

static enum err read_close(struct ws *w, struct str data, struct ws_event *ret)
{
	uint16_t code = WS_CLOSE_NONE;

	if (data.n == 1)
		return broken(w, WS_CLOSE_PROTOCOL);
	if (data.n >= 2) {
		code = (uint16_t)read_be((const uint8_t *)data.p, 2);
		data.p += 2;
		data.n -= 2;
		if (!close_code_is_valid(code))
			return broken(w, WS_CLOSE_PROTOCOL);
		if (!utf8_is_valid(data.p, data.n))
			return broken(w, WS_CLOSE_NOT_UTF8);
	}
	*ret = (struct ws_event){ WS_CLOSE, data, code };
	return ERR_OK;
}

static enum err read_fragment(
	struct ws *w, const struct ws_head *h, struct str data, struct ws_event *ret)
{
	struct ws_partial *part = partial_get(w);

	if (h->op != WS_CONTINUATION) {
		buf_clear(&part->message);
		part->op = h->op;
		part->frames = 0;
		part->utf8 = (struct utf8){ 0 };
	}
	if (++part->frames > WS_FRAMES_MAX)
		return broken(w, WS_CLOSE_TOO_BIG);
	if (part->op == WS_TEXT && !utf8_feed(&part->utf8, data.p, data.n))
		return broken(w, WS_CLOSE_NOT_UTF8);
	buf_add(&part->message, data.p, data.n);
	if (part->message.overflow)
		return broken(w, WS_CLOSE_TOO_BIG);
	if (!h->fin) {
		w->fragments++;
		return ERR_AGAIN;
	}
	if (part->op == WS_TEXT && !utf8_is_whole(&part->utf8))
		return broken(w, WS_CLOSE_NOT_UTF8);
	*ret = (struct ws_event){ part->op, buf_str(&part->message), 0 };
	part->op = WS_CONTINUATION;
	return ERR_OK;
}

/* A whole frame, unmasked. ERR_AGAIN: it gives no event by itself. */
static enum err read_frame(
	struct ws *w, const struct ws_head *h, struct str data, struct ws_event *ret)
{
	bool in_message = w->partial && w->partial->op != WS_CONTINUATION;

	if (h->op == WS_CLOSE)
		return read_close(w, data, ret);
	if (is_control(h->op)) {
		*ret = (struct ws_event){ h->op, data, 0 };
		return ERR_OK;
	}
	if (in_message != (h->op == WS_CONTINUATION))
		return broken(w, WS_CLOSE_PROTOCOL);
	if (in_message || !h->fin)
		return read_fragment(w, h, data, ret);
	if (h->op == WS_TEXT && !utf8_is_valid(data.p, data.n))
		return broken(w, WS_CLOSE_NOT_UTF8);
	*ret = (struct ws_event){ h->op, data, 0 };
	return ERR_OK;
}

/* Looks at the beginning of a frame. *ret_need: bytes it takes, as far as these n bytes tell; the
 * frame is whole with ERR_OK, and *ret is its head. */
static enum err frame_measure(
	struct ws *w, const uint8_t *p, size_t n, struct ws_head *ret, size_t *ret_need)
{
	enum err e = head_parse(p, n, ret);
	uint64_t room = w->max;

	if (e == ERR_PROTOCOL)
		return broken(w, WS_CLOSE_PROTOCOL);
	if (e == ERR_AGAIN) {
		*ret_need = n < 2 ? 2 : head_size(p);
		return e;
	}
	if (ret->op == WS_CONTINUATION && w->partial)
		room -= w->partial->message.n;
	if (!is_control(ret->op) && ret->payload > room)
		return broken(w, WS_CLOSE_TOO_BIG);
	*ret_need = ret->n + (size_t)ret->payload;
	return n < *ret_need ? ERR_AGAIN : ERR_OK;
}

static enum err frame_event(
	struct ws *w, const struct ws_head *h, uint8_t *frame, struct ws_event *ret)
{
	unmask(frame + h->n, h->payload, h->mask);
	return read_frame(w, h, (struct str){ (char *)frame + h->n, h->payload }, ret);
}

/* Moves bytes to the kept frame until it is whole. */
static enum err keep_until_whole(
	struct ws *w, const uint8_t *p, size_t n, struct ws_head *ret, size_t *ret_used)
{
	struct buf *kept = &partial_get(w)->frame;
	size_t used = 0, need = 0;
	enum err e;

	while ((e = frame_measure(w, (uint8_t *)kept->p, kept->n, ret, &need)) == ERR_AGAIN) {
		size_t take = need - kept->n < n - used ? need - kept->n : n - used;

		if (take == 0)
			break;
		buf_add(kept, p + used, take);
		used += take;
	}
	*ret_used = used;
	return e;
}

/* One frame, from the kept bytes or from the input. ERR_AGAIN with all input used: not whole. */
static enum err read_one(struct ws *w, uint8_t *p, size_t n, struct ws_event *ret, size_t *ret_used)
{
	struct ws_head h;
	size_t need;
	enum err e;

	if (!w->partial || w->partial->frame.n == 0) {
		e = frame_measure(w, p, n, &h, &need);
		if (e == ERR_OK) {
			*ret_used = need;
			return frame_event(w, &h, p, ret);
		}
		if (e == ERR_PROTOCOL)
			return e;
	}
	e = keep_until_whole(w, p, n, &h, ret_used);
	if (e != ERR_OK)
		return e;
	w->partial->frame_given = true;
	return frame_event(w, &h, (uint8_t *)w->partial->frame.p, ret);
}

/* Lets go of what the last event borrowed. */
static void forget_given(struct ws *w)
{
	struct ws_partial *part = w->partial;

	if (!part)
		return;
	if (part->frame_given)
		buf_clear(&part->frame);
	part->frame_given = false;
	if (part->frame.n == 0 && part->op == WS_CONTINUATION)
		ws_finish(w);
}

enum err ws_read(struct ws *w, uint8_t *p, size_t n, struct ws_event *ret, size_t *ret_used)
{
	size_t at = 0, used = 0;
	enum err e = ERR_AGAIN;

	w->fragments = 0;
	do {
		forget_given(w);
		if (at == n)
			return ERR_AGAIN;
		e = read_one(w, p + at, n - at, ret, &used);
		at += used;
	} while (e == ERR_AGAIN);
	if (e == ERR_OK)
		*ret_used = at;
	return e;
}

size_t ws_head_put(uint8_t out[FRAME_HEADROOM], enum ws_opcode op, size_t n)
{
	size_t more = n < 126 ? 0 : n < 65536 ? 2 : 8;

	out[0] = (uint8_t)(0x80 | op);
	out[1] = (uint8_t)(more == 0 ? n : more == 2 ? 126 : 127);
	for (size_t i = 0; i < more; i++)
		out[2 + i] = (uint8_t)(n >> 8 * (more - 1 - i));
	return 2 + more;
}

void ws_frame_head(struct frame *f, enum ws_opcode op)
{
	uint8_t head[FRAME_HEADROOM];

	if (f->head_n == 0)
		frame_put_head(f, head, ws_head_put(head, op, f->n));
}

size_t ws_control_put(uint8_t out[127], enum ws_opcode op, struct str data)
{
	size_t n = ws_head_put(out, op, data.n);

	assert(data.n <= WS_CONTROL_MAX);
	if (data.n)
		memcpy(out + n, data.p, data.n);
	return n + data.n;
}

size_t ws_close_put(uint8_t out[127], uint16_t code)
{
	char data[2] = { (char)(code >> 8), (char)code };

	return ws_control_put(out, WS_CLOSE,
		code == WS_CLOSE_NONE ? STR("") : (struct str){ data, sizeof(data) });
}
