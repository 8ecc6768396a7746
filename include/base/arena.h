/*
 * Memory with the lifetime of a request.
 *
 * Handlers allocate and never free; the accept loop resets the arena after each request.  Foreign
 * objects (PGresult, json_object, jwt_t) are handed over with arena_defer() and die with it.  Reset
 * overwrites what was handed out, so secrets may live here.
 *
 * It is not a general allocator: nothing in it outlives the request except through the database.
 */
#ifndef DIALTONE_BASE_ARENA_H
#define DIALTONE_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* first_block: bytes kept across resets, sized for the ordinary request. */
struct arena *arena_new(size_t first_block);
/* Resets, releases everything and sets *a to NULL. */
void arena_free(struct arena **a);
/* Zeroed, aligned for any type; never NULL, also for 0 bytes. A size that a
 * client names is for the caller to bound. */
void *arena_alloc(struct arena *a, size_t n);
/* Calls fn(arg) at reset, newest first. */
void arena_defer(struct arena *a, void (*fn)(void *), void *arg);
/* Runs the deferred calls, wipes, keeps the first block. */
void arena_reset(struct arena *a);

/* Copies and texts made here, always followed by a NUL. s is not NULL; the n bytes may hold NULs. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), nonnull(2)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0), nonnull(2)));

#endif
