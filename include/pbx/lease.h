/*
 * Which of the programs dialtone-pbx is at work: the one that holds a lock in PostgreSQL, for as long as its
 * connection lives.  The others stand by.
 *
 * The one that gets the lock waits for a moment before it works, so that one that has lost it, with its connection, has
 * noticed.  While PostgreSQL cannot be asked everything stays as it was: no other one can be told either.
 */
#ifndef DIALTONE_PBX_LEASE_H
#define DIALTONE_PBX_LEASE_H

#include <stdbool.h>
#include <stdint.h>

struct lease;

/* conninfo: kept. */
struct lease *lease_new(const char *conninfo);
void lease_free(struct lease **l);
/* Looks, when it is time to. Returns whether this one is at work. */
bool lease_look(struct lease *l, int64_t now_ms);
/* When to look again, by clock_ms(). */
int64_t lease_due_ms(const struct lease *l);

#endif
