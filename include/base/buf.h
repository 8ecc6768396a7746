/*
 * A growing byte buffer with a ceiling.
 *
 * No buffer without a ceiling: a write that would pass `max` writes nothing and sets `overflow`,
 * which stays set, so a whole document can be composed and checked once at the end.  The bytes are
 * always followed by a NUL that is not counted.
 */
#ifndef DIALTONE_BASE_BUF_H
#define DIALTONE_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;

struct buf {
	char *p;  /* NULL while empty and never written */
	size_t n; /* bytes in use */
	size_t cap, max;
	bool overflow; /* sticky: something did not fit */
};

/* Memory is taken on the first write. */
void buf_init(struct buf *b, size_t max);
/* Releases the memory; the buffer may be used again with the same ceiling. */
void buf_finish(struct buf *b);
/* Empties it and forgets an overflow; keeps the memory. */
void buf_clear(struct buf *b);
/* buf_clear(), overwriting the bytes first: for secrets.  What has grown beyond 16 KiB is given back,
 * so that one large answer does not make all later ones expensive. */
void buf_wipe(struct buf *b);

/* Appending.  All of it is written or nothing; p is not in the buffer itself, which may move. */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_add_str(struct buf *b, const char *s);
void buf_add_char(struct buf *b, char c);
/* In decimal. */
void buf_add_int(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), nonnull(2)));
/* Room for n bytes at the end, to be filled by the caller and counted with b->n += used.
 * NULL (and overflow) when it does not fit. */
char *buf_reserve(struct buf *b, size_t n);
/* Copies all of it into the arena, overwrites it here and releases the memory.  NULL: something did not fit. */
const char *buf_to_arena(struct buf *b, struct arena *arena);
/* Drops the first n bytes. */
void buf_consume(struct buf *b, size_t n);
/* The bytes as a slice, borrowed until the next write. */
struct str buf_str(const struct buf *b);

#endif
