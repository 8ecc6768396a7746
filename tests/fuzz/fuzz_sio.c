#include "relay/sio/sio.h"

#include "fuzz.h"
#include "base/json_slice.h"

/* What a client has done to the application. */
struct seen {
	bool ended, gone;
	unsigned joined; /* bits of namespaces */
};

static struct seen seen;

static void on_send(struct sio *s, struct frame *f)
{
	struct str text = frame_text(f);

	(void)s;
	require(!seen.ended);
	if (f->binary)
		return;
	require(text.n >= 2 && text.p[0] == '4' && text.p[1] >= '0' && text.p[1] <= '6');
	require(utf8_is_valid(text.p, text.n));
}

static void on_end(struct sio *s, enum sio_end how, enum close_reason why)
{
	(void)why;
	(void)s;
	(void)how;
	require(!seen.ended);
	seen.ended = true;
}

static void make_id(char out[SIO_ID_SIZE])
{
	memset(out, 'x', SIO_ID_SIZE - 1);
	out[SIO_ID_SIZE - 1] = '\0';
}

static void on_settled(struct sio *s, bool yes)
{
	(void)s;
	(void)yes;
}

static void on_connect(struct sio *s, unsigned nsp, struct str auth)
{
	require(!seen.ended && !(seen.joined & 1U << nsp));
	require(sio_is_joined(s, nsp));
	require(json_slice_is_valid(auth) && json_slice_kind(auth) == JSON_OBJECT);
	seen.joined |= 1U << nsp;
}

static void on_event(struct sio *s, unsigned nsp, const struct sio_packet *p)
{
	require(!seen.ended && seen.joined & 1U << nsp);
	require(json_slice_is_valid(p->json) && json_slice_kind(p->json) == JSON_ARRAY);
	require(json_slice_is_valid(p->name) && !sio_name_is_reserved(p->name));
	require(!p->attachments || (p->binary && sio_placeholders_fit(p->json, p->attachments)));
	sio_ack_binary(s, nsp, p->id, p->args, p->binary, p->attachments);
	if (str_is(p->name, "\"leave\"")) {
		seen.joined &= ~(1U << nsp);
		sio_leave(s, nsp);
	}
	if (str_is(p->name, "\"end\"") || str_is(p->name, "\"leave\""))
		sio_end(s, SIO_END_LEFT, CLOSE_KICKED);
}

static void on_ack(struct sio *s, unsigned nsp, const struct sio_packet *p)
{
	(void)s;
	(void)p;
	require(!seen.ended && seen.joined & 1U << nsp);
}

static void on_leave(struct sio *s, unsigned nsp)
{
	(void)s;
	require(!seen.ended && seen.joined & 1U << nsp);
	seen.joined &= ~(1U << nsp);
}

static void on_gone(struct sio *s)
{
	(void)s;
	require(!seen.gone);
	seen.gone = true;
}

static const char *const namespaces[] = { "/", "/custom", NULL };
static const struct sio_carrier carrier = {
	.send = on_send, .end = on_end, .make_id = make_id, .settled = on_settled
};
static const struct sio_app app = { .namespaces = namespaces,
	.events_connect = true,
	.takes_binary = true,
	.on_connect = on_connect,
	.on_event = on_event,
	.on_ack = on_ack,
	.on_leave = on_leave,
	.on_gone = on_gone };
static const struct sio_kind kind = { .carrier = &carrier, .app = &app, .max_binary = 100 };

/* A client's messages, one a line; a line that begins with b is a binary one. */
static void talk(enum sio_protocol protocol, struct str rest)
{
	struct sio client;

	seen = (struct seen){ 0 };
	sio_init(&client, &kind, protocol);
	sio_start(&client);
	while (rest.n && !seen.ended) {
		struct str line = str_split(&rest, '\n');

		if (line.n && line.p[0] == 'b')
			sio_on_binary(&client, line);
		else
			sio_on_text(&client, line);
	}
	sio_on_gone(&client);
	require(seen.gone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_input(data, size);

	if (!utf8_is_valid(text.p, text.n))
		return 0;
	talk(SIO_PROTOCOL_5, text);
	talk(SIO_PROTOCOL_4, text);
	return 0;
}
