#include "relay/sio/packet.h"

#include <inttypes.h>
#include <string.h>

#include "base/event_name.h"
#include "base/json_slice.h"

#define SIO_ID_MAX ((UINT64_C(1) << 53) - 1)
#define NAME_SIZE  32 /* the names below are shorter */

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
	struct str name;

	p->nsp = STR("/");
	if (rest->n == 0 || rest->p[0] != '/')
		return true;
	p->nsp = str_split(rest, ',');
	name = p->nsp;
	return p->nsp.n <= SIO_QUERY_MAX && str_split(&name, '?').n <= SIO_NAMESPACE_MAX;
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

static bool attachments_fit(const struct sio_packet *p)
{
	return !is_binary(p->type) || sio_placeholders_fit(p->json, p->attachments);
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
		return has && split_event(p) && attachments_fit(p);
	case SIO_ACK:
	case SIO_BINARY_ACK:
		return has && json_slice_kind(p->json) == JSON_ARRAY && attachments_fit(p);
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

/* The text of a name; false when it is a number, or longer than any that means something here. */
static bool name_text(struct str name, char text[static NAME_SIZE])
{
	size_t n;

	return json_slice_kind(name) == JSON_STRING && json_slice_text(name, text, NAME_SIZE, &n);
}

bool sio_name_is_reserved(struct str name)
{
	char text[NAME_SIZE];

	return name_text(name, text) && event_name_is_reserved(text);
}

bool sio_name_misleads_old(struct str name)
{
	static const char *const names[] = { "connect_timeout", "connecting", "error", "reconnect",
		"reconnect_attempt", "reconnect_failed", "reconnect_error", "reconnecting", "ping",
		"pong" };
	char text[NAME_SIZE];

	if (!name_text(name, text))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i]) == 0)
			return true;
	return false;
}

static bool placeholder_fits(struct str object, unsigned attachments)
{
	struct str mark, num;
	uint64_t n;

	if (!json_slice_member(object, "_placeholder", &mark) || json_slice_kind(mark) != JSON_TRUE)
		return true;
	return json_slice_member(object, "num", &num) && json_slice_uint(num, attachments - 1, &n);
}

bool sio_placeholders_fit(struct str json, unsigned attachments)
{
	struct str rest = json, value;
	enum json_kind kind = json_slice_kind(json);

	if (kind != JSON_ARRAY && kind != JSON_OBJECT)
		return true;
	if (kind == JSON_OBJECT && !placeholder_fits(json, attachments))
		return false;
	while (json_slice_next(&rest, NULL, &value))
		if (!sio_placeholders_fit(value, attachments))
			return false;
	return true;
}

void sio_head_put(
	struct buf *out, enum sio_type type, unsigned attachments, const char *nsp, uint64_t id)
{
	buf_printf(out, "4%d", (int)type);
	if (is_binary(type))
		buf_printf(out, "%u-", attachments);
	if (strcmp(nsp, "/") != 0)
		buf_printf(out, "%s,", nsp);
	if (id != SIO_NO_ID)
		buf_printf(out, "%" PRIu64, id);
}
