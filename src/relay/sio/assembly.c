#include <stdlib.h>

#include "base/mem.h"
#include "sio_priv.h"

struct sio_assembly {
	char *text;
	size_t text_n, bytes;
	unsigned expected, count;
	struct str binary[SIO_ATTACHMENTS_MAX];
};

void sio_assembly_begin(struct sio *s, struct str text, unsigned attachments)
{
	struct sio_assembly *a = mem_alloc(sizeof(*a));

	a->text = mem_strndup(text.p, text.n);
	a->text_n = text.n;
	a->expected = attachments;
	s->assembly = a;
}

bool sio_assembly_add(struct sio *s, struct str bytes)
{
	struct sio_assembly *a = s->assembly;

	a->bytes += bytes.n;
	if (a->bytes > s->kind->max_binary)
		return false;
	a->binary[a->count++] = (struct str){ mem_strndup(bytes.p, bytes.n), bytes.n };
	return true;
}

bool sio_assembly_is_whole(const struct sio_assembly *a, struct sio_packet *ret)
{
	if (a->count < a->expected || !sio_packet_parse((struct str){ a->text, a->text_n }, ret))
		return false;
	ret->binary = a->binary;
	return true;
}

void sio_assembly_free(struct sio_assembly **a)
{
	if (!*a)
		return;
	for (unsigned i = 0; i < (*a)->count; i++)
		free((void *)(uintptr_t)(*a)->binary[i].p);
	free((*a)->text);
	free(*a);
	*a = NULL;
}
