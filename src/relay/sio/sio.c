#include "relay/sio/sio.h"

#include <string.h>

#define SIO_PACKET_MAX (1024 * 1024)

void sio_init(struct sio *s, const struct sio_kind *kind)
{
	*s = (struct sio){ .kind = kind };
}

/* Index of a joinable namespace, or -1. */
static int namespace_find(const struct sio *s, struct str name)
{
	const char *const *all = s->kind->app->namespaces;

	for (int i = 0; all[i]; i++)
		if (str_is(name, all[i]))
			return i;
	return -1;
}

static const char *namespace_name(const struct sio *s, unsigned nsp)
{
	return s->kind->app->namespaces[nsp];
}

bool sio_is_joined(const struct sio *s, unsigned nsp)
{
	return s->joined & 1U << nsp;
}

static void send_text(struct sio *s, struct buf *text)
{
	if (!text->overflow) {
		struct frame *f = frame_from(buf_str(text), STR(""));

		s->kind->carrier->send(s, f);
		frame_unref(&f);
	}
	buf_finish(text);
}

static void send_json(struct sio *s, enum sio_type type, unsigned nsp, uint64_t id, struct str open,
	struct str body, struct str close)
{
	struct buf text;

	buf_init(&text, SIO_PACKET_MAX);
	sio_head_put(&text, type, namespace_name(s, nsp), id);
	buf_add(&text, open.p, open.n);
	buf_add(&text, body.p, body.n);
	buf_add(&text, close.p, close.n);
	send_text(s, &text);
}

static void connect_namespace(struct sio *s, unsigned nsp, struct str auth)
{
	char id[SIO_ID_SIZE];

	s->joined |= (uint8_t)(1U << nsp);
	s->left &= (uint8_t) ~(1U << nsp);
	s->kind->carrier->make_id(id);
	send_json(s, SIO_CONNECT, nsp, SIO_NO_ID, STR("{\"sid\":\""), str_from(id), STR("\"}"));
	s->kind->app->on_connect(s, nsp, auth.n ? auth : STR("{}"));
}

static void refuse_namespace(struct sio *s, struct str name)
{
	struct buf text;

	buf_init(&text, SIO_PACKET_MAX);
	buf_add_str(&text, "44");
	buf_add(&text, name.p, name.n);
	buf_add_str(&text, ",{\"message\":\"Invalid namespace\"}");
	send_text(s, &text);
}

static void on_connect_packet(struct sio *s, const struct sio_packet *p)
{
	int nsp = namespace_find(s, p->nsp);

	if (nsp < 0)
		refuse_namespace(s, p->nsp);
	else if (sio_is_joined(s, (unsigned)nsp))
		sio_end(s, SIO_END_BROKEN);
	else
		connect_namespace(s, (unsigned)nsp, p->json);
}

/* Packets that crossed our 41 on the wire are dropped; others for a namespace that was never joined
 * break the protocol. */
static bool packet_is_welcome(struct sio *s, int nsp, const struct sio_packet *p)
{
	if (nsp >= 0 && sio_is_joined(s, (unsigned)nsp))
		return true;
	if (nsp >= 0 && s->left & 1U << nsp)
		return false;
	if (nsp == 0 && p->type == SIO_EVENT && s->kind->app->events_connect) {
		connect_namespace(s, 0, STR(""));
		return !s->ended;
	}
	sio_end(s, SIO_END_BROKEN);
	return false;
}

static void on_leave_packet(struct sio *s, unsigned nsp)
{
	s->joined &= (uint8_t) ~(1U << nsp);
	s->kind->app->on_leave(s, nsp);
}

static void on_packet(struct sio *s, const struct sio_packet *p)
{
	int nsp = namespace_find(s, p->nsp);

	if (!packet_is_welcome(s, nsp, p))
		return;
	switch (p->type) {
	case SIO_DISCONNECT:
		on_leave_packet(s, (unsigned)nsp);
		break;
	case SIO_EVENT:
		s->kind->app->on_event(s, (unsigned)nsp, p);
		break;
	case SIO_ACK:
		s->kind->app->on_ack(s, (unsigned)nsp, p);
		break;
	default:
		sio_end(s, SIO_END_BROKEN);
	}
}

void sio_on_text(struct sio *s, struct str text)
{
	struct sio_packet p;

	if (s->ended)
		return;
	if (!sio_packet_parse(text, &p))
		sio_end(s, SIO_END_BROKEN);
	else if (p.type == SIO_CONNECT)
		on_connect_packet(s, &p);
	else
		on_packet(s, &p);
}

void sio_on_binary(struct sio *s, struct str bytes)
{
	(void)bytes;
	sio_end(s, SIO_END_BROKEN);
}

void sio_on_gone(struct sio *s)
{
	s->ended = true;
	s->joined = 0;
	s->kind->app->on_gone(s);
}

void sio_emit(struct sio *s, unsigned nsp, const char *name, struct str args)
{
	struct buf open;

	if (s->ended || !sio_is_joined(s, nsp))
		return;
	buf_init(&open, 256);
	buf_printf(&open, "[\"%s\"%s", name, args.n ? "," : "");
	send_json(s, SIO_EVENT, nsp, SIO_NO_ID, buf_str(&open), args, STR("]"));
	buf_finish(&open);
}

struct frame *sio_event_frame(struct str array)
{
	return frame_from(STR("42"), array);
}

void sio_emit_frame(struct sio *s, struct frame *f)
{
	if (!s->ended && sio_is_joined(s, 0))
		s->kind->carrier->send(s, f);
}

void sio_ack(struct sio *s, unsigned nsp, uint64_t id, struct str args)
{
	if (id != SIO_NO_ID && !s->ended && sio_is_joined(s, nsp))
		send_json(s, SIO_ACK, nsp, id, STR("["), args, STR("]"));
}

void sio_leave(struct sio *s, unsigned nsp)
{
	if (s->ended || !sio_is_joined(s, nsp))
		return;
	send_json(s, SIO_DISCONNECT, nsp, SIO_NO_ID, STR(""), STR(""), STR(""));
	s->joined &= (uint8_t) ~(1U << nsp);
	s->left |= (uint8_t)(1U << nsp);
}

void sio_end(struct sio *s, enum sio_end how)
{
	if (s->ended)
		return;
	s->ended = true;
	s->kind->carrier->end(s, how);
}

void sio_settled(struct sio *s, bool yes)
{
	s->kind->carrier->settled(s, yes);
}
