/*
 * "There is something in the outbox": a message without content on the channel wake:outbox.
 *
 * Losing one costs the time until the next look, so nothing here is awaited or repeated.
 */
#ifndef DIALTONE_BUS_WAKE_H
#define DIALTONE_BUS_WAKE_H

#include "bus/redis.h"

/* To be called after the commit. */
MUST_CHECK enum err wake_send(struct redis *r, const char *prefix);

/* The sleeper's side, on a connection of its own. */
struct wake;

/* address and prefix are kept. */
struct wake *wake_new(const struct redis_address *address, const char *prefix);
void wake_free(struct wake **w);
/* Readable when somebody called; -1 while Redis is away. Connects when need be: ask each time. */
int wake_fd(struct wake *w);
/* Forgets the calls so far. */
void wake_clear(struct wake *w);

#endif
