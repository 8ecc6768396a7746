#include "relay/sio/packet.h"

#include <inttypes.h>
#include <string.h>

#include "relay/sio/json_slice.h"

#define SIO_ID_MAX ((UINT64_C(1) << 53) - 1)

static struct str take_digits(struct str *rest)
{
	struct str digits = { rest->p, 0 };

	while (digits.n < rest->n && digits.p[digits.n] >= '0' && digits.p[digits.n] <= '9')
		digits.n++;
	rest->p += digits.n;
	rest->n -= digits.n;
	return digits;
}

static bool is_binary(enum sio_type type)
{
	return type == SIO_BINARY_EVENT || type == SIO_BINARY_ACK;
}

static bool take_attachments(struct str *rest, struct sio_packet *p)
{
	uint64_t n = 0;

	if (!is_binary(p->type))
		return true;
	if (!str_to_uint(take_digits(rest), SIO_ATTACHMENTS_MAX, &n) || n == 0)
		return false;
	if (rest->n == 0 || rest->p[0] != '-')
		return false;
	rest->p++;
	rest->n--;
	p->attachments = (unsigned)n;
	return true;
}

/* A namespace may end with the packet; a comma counts only behind a leading slash. */
static bool take_namespace(struct str *rest, struct sio_packet *p)
{
	p->nsp = STR("/");
	if (rest->n == 0 || rest->p[0] != '/')
		return true;
	p->nsp = str_split(rest, ',');
	return p->nsp.n <= SIO_NAMESPACE_MAX;
}

static bool take_id(struct str *rest, struct sio_packet *p)
{
	struct str digits = take_digits(rest);

	p->id = SIO_NO_ID;
	return digits.n == 0 || str_to_uint(digits, SIO_ID_MAX, &p->id);
}

static bool split_event(struct sio_packet *p)
{
	struct str rest = p->json;
	enum json_kind kind;

	if (json_slice_kind(p->json) != JSON_ARRAY || !json_slice_next(&rest, NULL, &p->name))
		return false;
	kind = json_slice_kind(p->name);
	if (kind != JSON_STRING && kind != JSON_NUMBER)
		return false;
	p->args = (struct str){ rest.p, rest.n - 1 };
	if (p->args.n > 0) {
		p->args.p++;
		p->args.n--;
	}
	return !sio_name_is_reserved(p->name);
}

/* What each type allows behind its head. */
static bool json_fits(struct sio_packet *p)
{
	bool has = p->json.n > 0;

	if (has && !json_slice_is_valid(p->json))
		return false;
	switch (p->type) {
	case SIO_CONNECT:
		return p->id == SIO_NO_ID && (!has || json_slice_kind(p->json) == JSON_OBJECT);
	case SIO_DISCONNECT:
		return p->id == SIO_NO_ID && !has;
	case SIO_EVENT:
	case SIO_BINARY_EVENT:
		return has && split_event(p);
	case SIO_ACK:
	case SIO_BINARY_ACK:
		return has && json_slice_kind(p->json) == JSON_ARRAY;
	default:
		return false;
	}
}

static struct str without_line_end(struct str text)
{
	if (text.n > 0 && text.p[text.n - 1] == '\n')
		text.n--;
	if (text.n > 0 && text.p[text.n - 1] == '\r')
		text.n--;
	return text;
}

bool sio_packet_parse(struct str text, struct sio_packet *ret)
{
	struct str rest = without_line_end(text);
	struct sio_packet p = { 0 };

	if (rest.n == 0 || rest.p[0] < '0' || rest.p[0] > '0' + SIO_BINARY_ACK)
		return false;
	p.type = (enum sio_type)(rest.p[0] - '0');
	rest.p++;
	rest.n--;
	if (!take_attachments(&rest, &p) || !take_namespace(&rest, &p) || !take_id(&rest, &p))
		return false;
	p.json = rest;
	if (!json_fits(&p))
		return false;
	*ret = p;
	return true;
}

bool sio_name_is_reserved(struct str name)
{
	static const char *const reserved[] = { "connect", "connect_error", "disconnect",
		"disconnecting", "newListener", "removeListener" };
	char text[32];
	size_t n;

	if (json_slice_kind(name) != JSON_STRING || !json_slice_text(name, text, sizeof(text), &n))
		return false;
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(text, reserved[i]) == 0)
			return true;
	return false;
}

void sio_head_put(struct buf *out, enum sio_type type, const char *nsp, uint64_t id)
{
	buf_printf(out, "4%d", (int)type);
	if (strcmp(nsp, "/") != 0)
		buf_printf(out, "%s,", nsp);
	if (id != SIO_NO_ID)
		buf_printf(out, "%" PRIu64, id);
}
