/*
 * "There is something in the outbox": a message without content on the channel wake:outbox.
 *
 * Losing one costs the time until the next look, so nothing here is awaited or repeated.
 */
#ifndef DIALTONE_REDIS_OUTBOX_SIGNAL_H
#define DIALTONE_REDIS_OUTBOX_SIGNAL_H

#include "redis/redis.h"

/* To be called after the commit.  wake is the same for callers that go on without; ctx is a struct
 * redis_side (redis/side.h). */
void outbox_signal_wake(void *ctx);
MUST_CHECK enum err outbox_signal_send(struct redis *r, const char *prefix);

/* The sleeper's side, on a connection of its own. */
struct outbox_signal;

/* address and prefix are kept. */
struct outbox_signal *outbox_signal_new(const struct redis_address *address, const char *prefix);
void outbox_signal_free(struct outbox_signal **w);
/* Readable when it was signalled; -1 while Redis is away. Connects when need be: ask each time. */
int outbox_signal_fd(struct outbox_signal *w);
/* Forgets the calls so far. */
void outbox_signal_clear(struct outbox_signal *w);

#endif
