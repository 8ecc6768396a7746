#include "relay/net/frame_queue.h"

#include <stdlib.h>

#include "base/mem.h"

#define FRAME_QUEUE_FIRST 4

/* A ring; the first frame may be partly written. */
struct frame_queue {
	struct frame_tally *tally;
	size_t bytes;
	uint32_t offset; /* of the first frame */
	uint32_t head, count, cap;
	struct frame *items[];
};

static struct frame **slot(struct frame_queue *q, size_t i)
{
	return &q->items[(q->head + i) % q->cap];
}

struct frame *frame_queue_at(const struct frame_queue *q, size_t i)
{
	return q->items[(q->head + i) % q->cap];
}

size_t frame_queue_bytes(const struct frame_queue *q)
{
	return q ? q->bytes : 0;
}

size_t frame_queue_count(const struct frame_queue *q)
{
	return q ? q->count : 0;
}

void frame_queue_free(struct frame_queue **q)
{
	if (!*q)
		return;
	for (uint32_t i = 0; i < (*q)->count; i++)
		frame_unref(slot(*q, i));
	(*q)->tally->bytes -= (*q)->bytes;
	free(*q);
	*q = NULL;
}

static void grow(struct frame_queue **q, struct frame_tally *tally)
{
	struct frame_queue *old = *q, *made;
	uint32_t cap = old ? old->cap * 2 : FRAME_QUEUE_FIRST;

	made = mem_alloc(sizeof(*made) + cap * sizeof(struct frame *));
	made->cap = cap;
	made->tally = tally;
	if (old) {
		made->bytes = old->bytes;
		made->offset = old->offset;
		made->count = old->count;
		for (uint32_t i = 0; i < old->count; i++)
			made->items[i] = *slot(old, i);
		free(old);
	}
	*q = made;
}

static void count_bytes(struct frame_queue *q, size_t added, size_t gone)
{
	q->bytes += added - gone;
	q->tally->bytes += added - gone;
}

static void remove_at(struct frame_queue *q, uint32_t i)
{
	count_bytes(q, 0, frame_wire(*slot(q, i)).n);
	frame_unref(slot(q, i));
	for (; i + 1 < q->count; i++)
		*slot(q, i) = *slot(q, i + 1);
	q->count--;
}

void frame_queue_trim(struct frame_queue **q)
{
	while (*q && (*q)->count > 1)
		remove_at(*q, (*q)->count - 1);
	if (*q && (*q)->offset == 0)
		frame_queue_free(q);
}

static void remove_outdated(struct frame_queue *q, uint64_t state)
{
	for (uint32_t i = q->offset ? 1 : 0; i < q->count; i++)
		if ((*slot(q, i))->state == state) {
			remove_at(q, i);
			q->tally->outdated++;
			return;
		}
}

enum err frame_queue_add(
	struct frame_queue **q, struct frame_tally *tally, struct frame *f, size_t sent)
{
	if (*q && f->state)
		remove_outdated(*q, f->state);
	if (*q && f->fleeting && (*q)->bytes >= FRAME_QUEUE_MUCH) {
		tally->fleeting++;
		return ERR_OK;
	}
	if (*q && ((*q)->bytes >= FRAME_QUEUE_BYTES || (*q)->count >= FRAME_QUEUE_FRAMES))
		return ERR_LIMIT;
	if (!*q || (*q)->count == (*q)->cap)
		grow(q, tally);
	if ((*q)->count == 0)
		(*q)->offset = (uint32_t)sent;
	*slot(*q, (*q)->count++) = frame_ref(f);
	count_bytes(*q, frame_wire(f).n - sent, 0);
	return ERR_OK;
}

size_t frame_queue_gather(const struct frame_queue *q, struct iovec *iov, size_t n)
{
	size_t i = 0;

	for (; q && i < q->count && i < n; i++) {
		struct str wire = frame_wire(frame_queue_at(q, i));
		size_t skip = i == 0 ? q->offset : 0;
		void *from = (void *)(uintptr_t)(wire.p + skip);

		iov[i] = (struct iovec){ from, wire.n - skip };
	}
	return i;
}

void frame_queue_consume(struct frame_queue **queue, size_t n)
{
	struct frame_queue *q = *queue;

	count_bytes(q, 0, n);
	while (n > 0) {
		size_t left = frame_wire(*slot(q, 0)).n - q->offset;

		if (n < left) {
			q->offset += (uint32_t)n;
			return;
		}
		n -= left;
		q->offset = 0;
		frame_unref(slot(q, 0));
		q->head = (q->head + 1) % q->cap;
		q->count--;
	}
	if (q->count == 0)
		frame_queue_free(queue);
}
