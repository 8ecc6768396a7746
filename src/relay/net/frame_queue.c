#include "relay/net/frame_queue.h"

#include <stdlib.h>

#include "base/mem.h"

#define FRAME_QUEUE_FIRST 4

/* A ring; the first frame may be partly written. */
struct frame_queue {
	struct frame_tally *tally;
	size_t bytes;
	int64_t moved_ms; /* when something left, or the first came */
	uint32_t offset;  /* of the first frame */
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
		made->moved_ms = old->moved_ms;
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

static void drop_last(struct frame_queue *q)
{
	struct frame **f = slot(q, --q->count);

	count_bytes(q, 0, frame_wire(*f).n);
	frame_unref(f);
}

void frame_queue_trim(struct frame_queue **q)
{
	while (*q && (*q)->count > 1)
		drop_last(*q);
	if (*q && (*q)->offset == 0)
		frame_queue_free(q);
}

/* Whether an older state waited. */
static bool replace_outdated(struct frame_queue *q, struct frame *f)
{
	uint32_t first = q->offset ? 1 : 0;

	if (q->count > FRAME_QUEUE_LOOK)
		first = q->count - FRAME_QUEUE_LOOK;
	for (uint32_t i = q->count; i-- > first;) {
		struct frame **old = slot(q, i);

		if ((*old)->state != f->state)
			continue;
		count_bytes(q, frame_wire(f).n, frame_wire(*old).n);
		frame_unref(old);
		*old = frame_ref(f);
		q->tally->outdated++;
		return true;
	}
	return false;
}

static bool is_full(const struct frame_queue *q, int64_t now_ms)
{
	bool much = q->bytes >= FRAME_QUEUE_BYTES || q->count >= FRAME_QUEUE_FRAMES;

	return (much && now_ms - q->moved_ms >= FRAME_QUEUE_STILL_MS) ||
	       q->bytes >= FRAME_QUEUE_BYTES_MAX || q->count >= FRAME_QUEUE_FRAMES_MAX;
}

enum err frame_queue_add(struct frame_queue **q, struct frame_tally *tally, struct frame *f,
	size_t sent, int64_t now_ms)
{
	if (*q && is_full(*q, now_ms))
		return ERR_LIMIT;
	if (*q && f->state && replace_outdated(*q, f))
		return ERR_OK;
	if (*q && f->fleeting && (*q)->bytes >= FRAME_QUEUE_MUCH) {
		tally->fleeting++;
		return ERR_OK;
	}
	if (!*q || (*q)->count == (*q)->cap)
		grow(q, tally);
	if ((*q)->count == 0) {
		(*q)->offset = (uint32_t)sent;
		(*q)->moved_ms = now_ms;
	}
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

void frame_queue_consume(struct frame_queue **queue, size_t n, int64_t now_ms)
{
	struct frame_queue *q = *queue;

	q->moved_ms = now_ms;
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
