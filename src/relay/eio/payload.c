#include "relay/eio/payload.h"

#include <string.h>

#include "base/encode.h"
#include "base/utf8.h"

#define SEPARATOR     '\x1e'
#define LENGTH_DIGITS 10
#define LENGTH_END    '\xff'
#define BINARY_TYPE   4
#define PART_ROOM     16
#define EMPTY_3_TEXT  "0:"

void eio_payload_init(struct eio_payload *p, enum eio_form form, char *body, size_t n)
{
	*p = (struct eio_payload){ body, n, form, false };
}

static void skip(struct eio_payload *p, size_t n)
{
	p->p += n;
	p->n -= n;
}

static enum err text_part(char *data, size_t n, struct eio_part *ret)
{
	if (n == 0 || !utf8_is_valid(data, n))
		return ERR_PROTOCOL;
	*ret = (struct eio_part){ false, { data, n } };
	return ERR_OK;
}

enum err eio_base64_read(enum eio_form form, char *text, size_t n, struct eio_part *ret)
{
	const char *mark = form == EIO_FORM_4 ? "b" : "b4";
	size_t mark_n = strlen(mark), len = 0;

	if (!str_starts((struct str){ text, n }, mark) ||
		!base64_decode(
			(uint8_t *)text + mark_n, (struct str){ text + mark_n, n - mark_n }, &len))
		return ERR_PROTOCOL;
	*ret = (struct eio_part){ true, { text + mark_n, len } };
	return ERR_OK;
}

static enum err any_part(enum eio_form form, char *data, size_t n, struct eio_part *ret)
{
	return n && data[0] == 'b' ? eio_base64_read(form, data, n, ret) : text_part(data, n, ret);
}

/* One separator between two packets, none at either end. */
static enum err next_4(struct eio_payload *p, struct eio_part *ret)
{
	char *from = p->p, *end;
	size_t n;

	if (p->n == 0)
		return p->begun ? ERR_GONE : ERR_PROTOCOL;
	end = memchr(from, SEPARATOR, p->n);
	n = end ? (size_t)(end - from) : p->n;
	if (n == 0 || (end && n + 1 == p->n))
		return ERR_PROTOCOL;
	skip(p, end ? n + 1 : n);
	return any_part(EIO_FORM_4, from, n, ret);
}

static bool is_digit(char c, bool as_byte)
{
	return as_byte ? (unsigned char)c < 10 : c >= '0' && c <= '9';
}

/* Digits and their end mark. */
static bool take_length(struct eio_payload *p, bool as_byte, size_t *ret)
{
	size_t n = 0, value = 0;

	while (n < p->n && n < LENGTH_DIGITS && is_digit(p->p[n], as_byte))
		value = value * 10 + (size_t)(p->p[n++] & 0x0f);
	if (n == 0 || n == p->n || p->p[n] != (as_byte ? LENGTH_END : ':'))
		return false;
	skip(p, n + 1);
	*ret = value;
	return value <= p->n;
}

/* Bytes of the first units UTF-16 units of the text; 0 when there are fewer or one is cut. */
static size_t bytes_of_units(const char *s, size_t n, size_t units)
{
	size_t at = 0;

	while (units > 0 && at < n) {
		unsigned char c = (unsigned char)s[at];
		size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
		size_t width = len == 4 ? 2 : 1;

		if (width > units || len > n - at)
			return 0;
		units -= width;
		at += len;
	}
	return units == 0 ? at : 0;
}

static enum err next_3_text(struct eio_payload *p, struct eio_part *ret)
{
	size_t units, n;
	char *from;

	if (p->n == 0)
		return p->begun ? ERR_GONE : ERR_PROTOCOL;
	if (!p->begun && str_is((struct str){ p->p, p->n }, EMPTY_3_TEXT))
		return ERR_GONE;
	if (!take_length(p, false, &units))
		return ERR_PROTOCOL;
	n = bytes_of_units(p->p, p->n, units);
	if (n == 0)
		return ERR_PROTOCOL;
	from = p->p;
	skip(p, n);
	return any_part(EIO_FORM_3_TEXT, from, n, ret);
}

static enum err next_3_binary(struct eio_payload *p, struct eio_part *ret)
{
	bool binary;
	size_t n;
	char *from;

	if (p->n == 0)
		return p->begun ? ERR_GONE : ERR_PROTOCOL;
	if ((unsigned char)p->p[0] > 1)
		return ERR_PROTOCOL;
	binary = p->p[0] == 1;
	skip(p, 1);
	if (!take_length(p, true, &n) || n == 0)
		return ERR_PROTOCOL;
	from = p->p;
	skip(p, n);
	if (!binary)
		return text_part(from, n, ret);
	if (from[0] != BINARY_TYPE)
		return ERR_PROTOCOL;
	*ret = (struct eio_part){ true, { from + 1, n - 1 } };
	return ERR_OK;
}

enum err eio_payload_next(struct eio_payload *p, struct eio_part *ret)
{
	static enum err (*const next[])(struct eio_payload *, struct eio_part *) = {
		[EIO_FORM_4] = next_4,
		[EIO_FORM_3_TEXT] = next_3_text,
		[EIO_FORM_3_BINARY] = next_3_binary,
	};
	enum err e = next[p->form](p, ret);

	p->begun = true;
	return e;
}

static void put_base64(struct buf *out, struct str data)
{
	char *to = buf_reserve(out, BASE64_SIZE(data.n));

	if (to)
		out->n += base64_encode(to, data.p, data.n);
}

static void put_4(struct buf *out, const struct eio_part *part)
{
	if (out->n > 0)
		buf_add_char(out, SEPARATOR);
	if (part->binary) {
		buf_add_char(out, 'b');
		put_base64(out, part->data);
	} else {
		buf_add(out, part->data.p, part->data.n);
	}
}

static size_t units_of(struct str text)
{
	size_t units = 0;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if ((c & 0xc0) != 0x80)
			units += c >= 0xf0 ? 2 : 1;
	}
	return units;
}

static void put_3_text(struct buf *out, const struct eio_part *part)
{
	if (part->binary) {
		buf_printf(out, "%zu:b%d", (part->data.n + 2) / 3 * 4 + 2, BINARY_TYPE);
		put_base64(out, part->data);
	} else {
		buf_printf(out, "%zu:", units_of(part->data));
		buf_add(out, part->data.p, part->data.n);
	}
}

static void put_length_bytes(struct buf *out, size_t n)
{
	if (n >= 10)
		put_length_bytes(out, n / 10);
	buf_add_char(out, (char)(n % 10));
}

static void put_3_binary(struct buf *out, const struct eio_part *part)
{
	buf_add_char(out, part->binary ? 1 : 0);
	put_length_bytes(out, part->data.n + (part->binary ? 1 : 0));
	buf_add_char(out, LENGTH_END);
	if (part->binary)
		buf_add_char(out, BINARY_TYPE);
	buf_add(out, part->data.p, part->data.n);
}

void eio_payload_put(struct buf *out, enum eio_form form, const struct eio_part *part)
{
	static void (*const put[])(struct buf *, const struct eio_part *) = {
		[EIO_FORM_4] = put_4,
		[EIO_FORM_3_TEXT] = put_3_text,
		[EIO_FORM_3_BINARY] = put_3_binary,
	};

	put[form](out, part);
}

size_t eio_payload_room(size_t n)
{
	return BASE64_SIZE(n) + PART_ROOM;
}
