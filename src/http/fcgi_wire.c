#include "http/fcgi_wire.h"

#include <stdbool.h>

#define HEAD_BYTES 8
#define VERSION    1

enum record_type { BEGIN_REQUEST = 1, PARAMS = 4, STDIN = 5 };

struct record {
	int version, type;
	unsigned request;
	size_t content, bytes; /* bytes: with its head and padding */
};

/* version, type, request (2), content length (2), padding length, reserved */
static struct record read_head(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;
	size_t content = (size_t)b[4] << 8 | b[5];

	return (struct record){ .version = b[0],
		.type = b[1],
		.request = (unsigned)b[2] << 8 | b[3],
		.content = content,
		.bytes = HEAD_BYTES + content + b[6] };
}

/* The type that may come after one of this type; an empty record ends its stream. */
static int next_of(const struct record *r)
{
	if (r->type == BEGIN_REQUEST)
		return PARAMS;
	return r->type == PARAMS && r->content == 0 ? STDIN : r->type;
}

static bool is_last(const struct record *r)
{
	return r->type == STDIN && r->content == 0;
}

enum fcgi_wire fcgi_wire_look(struct str bytes)
{
	struct record r;
	unsigned request = 0;
	int expected = BEGIN_REQUEST;

	do {
		if (bytes.n < HEAD_BYTES)
			return FCGI_WIRE_PART;
		r = read_head(bytes.p);
		if (expected == BEGIN_REQUEST)
			request = r.request;
		if (r.version != VERSION || r.type != expected || r.request != request ||
			request == 0)
			return FCGI_WIRE_BROKEN;
		if (bytes.n < r.bytes)
			return FCGI_WIRE_PART;
		bytes.p += r.bytes;
		bytes.n -= r.bytes;
		expected = next_of(&r);
	} while (!is_last(&r));
	return bytes.n ? FCGI_WIRE_BROKEN : FCGI_WIRE_WHOLE;
}
