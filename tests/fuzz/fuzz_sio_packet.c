#include "relay/sio/packet.h"

#include "fuzz.h"
#include "base/json_slice.h"

static void check_inside(struct str whole, struct str part)
{
	require(!part.n || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

/* What is read is what writing it again gives. */
static void check_again(const struct sio_packet *p)
{
	char nsp[SIO_QUERY_MAX + 1];
	struct sio_packet again;
	struct buf out;

	memcpy(nsp, p->nsp.p, p->nsp.n);
	nsp[p->nsp.n] = '\0';
	if (memchr(nsp, '\0', p->nsp.n))
		return;
	buf_init(&out, 1 << 16);
	sio_head_put(&out, p->type, p->attachments, nsp, p->id);
	buf_add(&out, p->json.p, p->json.n);
	require(!out.overflow);
	require(sio_packet_parse((struct str){ out.p + 1, out.n - 1 }, &again));
	require(again.type == p->type && again.id == p->id);
	require(str_eq(again.nsp, p->nsp) && str_eq(again.json, p->json));
	buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_input(data, size);
	struct sio_packet p;

	if (!sio_packet_parse(text, &p))
		return 0;
	struct str name = p.nsp;

	require(p.nsp.n && p.nsp.n <= SIO_QUERY_MAX && p.nsp.p[0] == '/');
	require(str_split(&name, '?').n <= SIO_NAMESPACE_MAX);
	require(p.attachments <= SIO_ATTACHMENTS_MAX);
	check_inside(text, p.json);
	check_inside(text, p.args);
	require(!p.json.n || json_slice_is_valid(p.json));
	if (p.type == SIO_EVENT)
		require(p.name.n && !sio_name_is_reserved(p.name));
	check_again(&p);
	return 0;
}
