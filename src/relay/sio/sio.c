#include "relay/sio/sio.h"

#include <string.h>

#include "sio_priv.h"

#define SIO_PACKET_MAX (1024 * 1024)
#define SIO_AUTH_MAX   (8 * SIO_QUERY_MAX)

void sio_init(struct sio *s, const struct sio_kind *kind, enum sio_protocol protocol)
{
	*s = (struct sio){ .kind = kind, .protocol = (uint8_t)protocol };
}

/* Index of a joinable namespace, or -1. In protocol 4 the name may carry a query. */
static int namespace_find(const struct sio *s, struct str name)
{
	const char *const *all = s->kind->app->namespaces;

	if (s->protocol == SIO_PROTOCOL_4)
		name = str_split(&name, '?');

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

static void send_bytes(struct sio *s, struct str bytes)
{
	struct frame *f = frame_from(bytes, STR(""));

	f->binary = true;
	s->kind->carrier->send(s, f);
	frame_unref(&f);
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

/* What is to be sent: JSON in three pieces, and attachments. */
struct outgoing {
	struct str open, body, close;
	const struct str *binary;
	unsigned attachments;
};

static void send_packet(
	struct sio *s, enum sio_type type, unsigned nsp, uint64_t id, const struct outgoing *out)
{
	struct buf text;

	buf_init(&text, SIO_PACKET_MAX);
	sio_head_put(&text, type, out->attachments, namespace_name(s, nsp), id);
	buf_add(&text, out->open.p, out->open.n);
	buf_add(&text, out->body.p, out->body.n);
	buf_add(&text, out->close.p, out->close.n);
	send_text(s, &text);
	for (unsigned i = 0; i < out->attachments && !s->ended; i++)
		send_bytes(s, out->binary[i]);
}

static void send_connected(struct sio *s, unsigned nsp)
{
	char id[SIO_ID_SIZE];
	struct outgoing out = { 0 };

	s->kind->carrier->make_id(id);
	if (nsp == 0)
		memcpy(s->id, id, sizeof(s->id));
	if (s->protocol == SIO_PROTOCOL_5)
		out = (struct outgoing){ STR("{\"sid\":\""), str_from(id), STR("\"}"), NULL, 0 };
	send_packet(s, SIO_CONNECT, nsp, SIO_NO_ID, &out);
}

static void connect_namespace(struct sio *s, unsigned nsp, struct str auth)
{
	s->joined |= (uint8_t)(1U << nsp);
	send_connected(s, nsp);
	s->kind->app->on_connect(s, nsp, auth.n ? auth : STR("{}"));
}

static void send_refusal(struct sio *s, struct str name, const char *why)
{
	struct buf text;

	buf_init(&text, SIO_PACKET_MAX);
	buf_add_str(&text, "44");
	if (!str_is(name, "/")) {
		buf_add(&text, name.p, name.n);
		buf_add_char(&text, ',');
	}
	buf_add_str(&text, why);
	send_text(s, &text);
}

static void refuse_namespace(struct sio *s, struct str name)
{
	if (s->protocol == SIO_PROTOCOL_4)
		name = str_split(&name, '?');
	send_refusal(s, name, "{\"message\":\"Invalid namespace\"}");
}

/* A refusal by CONNECT_ERROR makes clients stop; a failed handshake makes them come again. */
static void refuse_client(struct sio *s, struct str name)
{
	send_refusal(s, name, s->kind->app->refusal);
	sio_end(s, SIO_END_LEFT, CLOSE_NOT_SERVED);
}

void sio_start(struct sio *s)
{
	const struct sio_app *app = s->kind->app;

	if (s->protocol != SIO_PROTOCOL_4 || app->on_message)
		return;
	s->begun = true;
	if (app->refusal)
		refuse_client(s, STR("/"));
	else
		connect_namespace(s, 0, STR(""));
}

/* In protocol 4 the query is what the payload is in 5. */
static void connect_old(struct sio *s, unsigned nsp, struct str name)
{
	struct buf auth;

	str_split(&name, '?');
	buf_init(&auth, SIO_AUTH_MAX);
	if (sio_query_put(&auth, name))
		connect_namespace(s, nsp, buf_str(&auth));
	else
		sio_end(s, SIO_END_BROKEN, CLOSE_PROTOCOL);
	buf_finish(&auth);
}

static void on_connect_packet(struct sio *s, const struct sio_packet *p)
{
	int nsp = namespace_find(s, p->nsp);
	bool has_payload = p->json.n > 0;

	s->begun = true;
	if (nsp < 0)
		refuse_namespace(s, p->nsp);
	else if (has_payload && s->protocol == SIO_PROTOCOL_4)
		sio_end(s, SIO_END_BROKEN, CLOSE_PROTOCOL);
	else if (sio_is_joined(s, (unsigned)nsp))
		sio_end(s, SIO_END_BROKEN, CLOSE_PROTOCOL);
	else if (s->protocol == SIO_PROTOCOL_4)
		connect_old(s, (unsigned)nsp, p->nsp);
	else
		connect_namespace(s, (unsigned)nsp, p->json);
}

/* A packet for a namespace that is not joined breaks the protocol. */
static bool packet_is_welcome(struct sio *s, int nsp, const struct sio_packet *p, bool first)
{
	if (nsp >= 0 && sio_is_joined(s, (unsigned)nsp))
		return true;
	if (first && nsp == 0 && p->type == SIO_EVENT && s->kind->app->events_connect) {
		connect_namespace(s, 0, STR(""));
		return !s->ended;
	}
	sio_end(s, SIO_END_BROKEN, CLOSE_PROTOCOL);
	return false;
}

static void on_leave_packet(struct sio *s, unsigned nsp)
{
	s->joined &= (uint8_t) ~(1U << nsp);
	s->kind->app->on_leave(s, nsp);
}

/* p is whole, attachments included. */
static void on_packet(struct sio *s, const struct sio_packet *p)
{
	const struct sio_app *app = s->kind->app;
	int nsp = namespace_find(s, p->nsp);
	bool first = !s->begun;

	s->begun = true;
	if (!packet_is_welcome(s, nsp, p, first))
		return;
	if (p->attachments && !app->takes_binary)
		return;
	switch (p->type) {
	case SIO_DISCONNECT:
		on_leave_packet(s, (unsigned)nsp);
		break;
	case SIO_EVENT:
	case SIO_BINARY_EVENT:
		app->on_event(s, (unsigned)nsp, p);
		break;
	default:
		app->on_ack(s, (unsigned)nsp, p);
	}
}

static void on_text_packet(struct sio *s, const struct sio_packet *p, struct str text)
{
	if (s->kind->app->refusal)
		refuse_client(s, p->nsp);
	else if (p->type == SIO_CONNECT)
		on_connect_packet(s, p);
	else if (p->attachments)
		sio_assembly_begin(s, text, p->attachments);
	else
		on_packet(s, p);
}

void sio_on_text(struct sio *s, struct str text)
{
	struct sio_packet p;

	if (s->ended)
		return;
	s->messages++;
	if (s->kind->app->on_message)
		s->kind->app->on_message(s, false, text);
	else if (s->assembly || !sio_packet_parse(text, &p))
		sio_end(s, SIO_END_BROKEN, CLOSE_PROTOCOL);
	else
		on_text_packet(s, &p, text);
}

static void add_attachment(struct sio *s, struct str bytes)
{
	struct sio_packet p;

	if (!s->assembly || !sio_assembly_add(s, bytes)) {
		sio_end(s, SIO_END_BROKEN, CLOSE_PROTOCOL);
	} else if (sio_assembly_is_whole(s->assembly, &p)) {
		struct sio_assembly *done = s->assembly;

		s->assembly = NULL;
		on_packet(s, &p);
		sio_assembly_free(&done);
	}
}

void sio_on_binary(struct sio *s, struct str bytes)
{
	if (s->ended)
		return;
	if (s->kind->app->on_message)
		s->kind->app->on_message(s, true, bytes);
	else
		add_attachment(s, bytes);
}

void sio_on_gone(struct sio *s)
{
	s->ended = true;
	s->joined = 0;
	sio_assembly_free(&s->assembly);
	s->kind->app->on_gone(s);
}

void sio_emit_binary(struct sio *s, unsigned nsp, const char *name, struct str args,
	const struct str *binary, unsigned n)
{
	struct buf open;

	if (s->ended || !sio_is_joined(s, nsp))
		return;
	buf_init(&open, 256);
	buf_printf(&open, "[\"%s\"%s", name, args.n ? "," : "");
	send_packet(s, n ? SIO_BINARY_EVENT : SIO_EVENT, nsp, SIO_NO_ID,
		&(struct outgoing){ buf_str(&open), args, STR("]"), binary, n });
	buf_finish(&open);
}

void sio_emit(struct sio *s, unsigned nsp, const char *name, struct str args)
{
	sio_emit_binary(s, nsp, name, args, NULL, 0);
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

void sio_ack_binary(struct sio *s, unsigned nsp, uint64_t id, struct str args,
	const struct str *binary, unsigned n)
{
	if (id != SIO_NO_ID && !s->ended && sio_is_joined(s, nsp))
		send_packet(s, n ? SIO_BINARY_ACK : SIO_ACK, nsp, id,
			&(struct outgoing){ STR("["), args, STR("]"), binary, n });
}

void sio_ack(struct sio *s, unsigned nsp, uint64_t id, struct str args)
{
	sio_ack_binary(s, nsp, id, args, NULL, 0);
}

void sio_send_message(struct sio *s, bool binary, struct str data)
{
	struct frame *f;

	if (s->ended)
		return;
	if (binary) {
		send_bytes(s, data);
		return;
	}
	f = frame_from(STR("4"), data);
	s->kind->carrier->send(s, f);
	frame_unref(&f);
}

void sio_leave(struct sio *s, unsigned nsp)
{
	if (s->ended || !sio_is_joined(s, nsp))
		return;
	send_packet(s, SIO_DISCONNECT, nsp, SIO_NO_ID, &(struct outgoing){ 0 });
	s->joined &= (uint8_t) ~(1U << nsp);
}

void sio_end(struct sio *s, enum sio_end how, enum close_reason why)
{
	if (s->ended)
		return;
	s->ended = true;
	s->kind->carrier->end(s, how, why);
}

bool sio_close(struct sio *s, const struct sio_closing *closing)
{
	if (s->closing)
		return false;
	s->closing = true;
	if (s->kind->app->on_closing)
		s->kind->app->on_closing(s, closing);
	return true;
}

const char *sio_network(struct sio *s)
{
	return s->kind->carrier->network ? s->kind->carrier->network(s) : "";
}

void sio_settled(struct sio *s, bool yes)
{
	s->kind->carrier->settled(s, yes);
}

size_t sio_waiting(struct sio *s)
{
	return s->kind->carrier->waiting ? s->kind->carrier->waiting(s) : 0;
}
