#include "relay/eio/payload.h"

#include "base/mem.h"
#include "fuzz.h"

#define PARTS_MAX 64

static bool part_eq(const struct eio_part *a, const struct eio_part *b)
{
	return a->binary == b->binary && str_eq(a->data, b->data);
}

/* What was read and is written is read the same again. */
static void check_again(enum eio_form form, const struct eio_part *parts, size_t n)
{
	struct eio_payload payload;
	struct eio_part part;
	struct buf out;
	size_t room = 1;

	for (size_t i = 0; i < n; i++)
		room += eio_payload_room(parts[i].data.n);
	buf_init(&out, room);
	for (size_t i = 0; i < n; i++)
		eio_payload_put(&out, form, &parts[i]);
	require(!out.overflow);
	eio_payload_init(&payload, form, out.p, out.n);
	for (size_t i = 0; i < n; i++) {
		require(eio_payload_next(&payload, &part) == ERR_OK);
		require(part_eq(&part, &parts[i]));
	}
	require(eio_payload_next(&payload, &part) == ERR_GONE);
	buf_finish(&out);
}

/* Text of any client may hold the separator of EIO4, that of a server never does. */
static bool is_ours(enum eio_form form, const struct eio_part *part)
{
	if (part->binary || form != EIO_FORM_4)
		return true;
	return part->data.n && part->data.p[0] != 'b' && !memchr(part->data.p, 0x1e, part->data.n);
}

static void read_body(enum eio_form form, char *body, size_t n)
{
	struct eio_part parts[PARTS_MAX], part;
	struct eio_payload payload;
	bool ours = true;
	size_t count = 0;
	enum err e;

	eio_payload_init(&payload, form, body, n);
	while ((e = eio_payload_next(&payload, &part)) == ERR_OK) {
		require(part.data.p >= body && part.data.p + part.data.n <= body + n);
		require(part.binary || utf8_is_valid(part.data.p, part.data.n));
		ours = ours && is_ours(form, &part);
		if (count < PARTS_MAX)
			parts[count++] = part;
	}
	require(e == ERR_GONE || e == ERR_PROTOCOL);
	if (count && ours)
		check_again(form, parts, count);
}

/* The first byte chooses the form. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *body;

	if (size < 1)
		return 0;
	body = mem_alloc(size);
	memcpy(body, data + 1, size - 1);
	read_body((enum eio_form)(data[0] % 3), body, size - 1);
	free(body);
	return 0;
}
