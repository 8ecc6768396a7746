#include "base/frame.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct frame *frame_new(size_t n)
{
	struct frame *f;

	assert(n <= UINT32_MAX);
	f = mem_alloc(sizeof(*f) + FRAME_HEADROOM + n);
	f->refs = 1;
	f->n = (uint32_t)n;
	return f;
}

struct frame *frame_from(struct str a, struct str b)
{
	struct frame *f = frame_new(a.n + b.n);

	if (a.n)
		memcpy(frame_body(f), a.p, a.n);
	if (b.n)
		memcpy(frame_body(f) + a.n, b.p, b.n);
	return f;
}

struct frame *frame_ref(struct frame *f)
{
	f->refs++;
	return f;
}

void frame_unref(struct frame **f)
{
	if (*f && --(*f)->refs == 0)
		free(*f);
	*f = NULL;
}

uint8_t *frame_body(struct frame *f)
{
	return f->bytes + FRAME_HEADROOM;
}

struct str frame_text(const struct frame *f)
{
	return (struct str){ (const char *)f->bytes + FRAME_HEADROOM, f->n };
}

void frame_put_head(struct frame *f, const void *head, size_t n)
{
	assert(n <= FRAME_HEADROOM && f->head_n == 0);
	memcpy(frame_body(f) - n, head, n);
	f->head_n = (uint8_t)n;
}

struct str frame_wire(const struct frame *f)
{
	return (struct str){ (const char *)f->bytes + FRAME_HEADROOM - f->head_n,
		f->n + f->head_n };
}
