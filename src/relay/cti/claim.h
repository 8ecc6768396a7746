/*
 * One client of a user and client type is in use (cti-api 2.3 and 3.6):
 *
 *   claim --granted--> complete
 *         --refused--> ask the owner; wait for: its ack, its end, or the time --> commit --> complete
 *
 * A login that waits and is overtaken by a third is asked to give way like an owner, and does.
 */
#ifndef DIALTONE_RELAY_CTI_CLAIM_H
#define DIALTONE_RELAY_CTI_CLAIM_H

#include "base/arena.h"
#include "relay/core/core.h"
#include "predecessor.h"

/* That a client is to be the one in use; part of its login, which is told what becomes of it. */
struct claim {
	struct cti_client *client;            /* NULL: it was dropped */
	const char *jti;                      /* of the login's token */
	struct arena *arena;                  /* the login's */
	void (*granted)(struct claim *claim); /* the client is the one in use */
	void (*again)(
		struct claim *claim); /* Redis was away: it is to be made anew, if not dropped */
	struct deadline wait;         /* for the predecessor */
	struct predecessor old;
	bool asked; /* an answer of Redis is awaited */
	bool waits; /* for the predecessor to give way */
};

/* May be granted at once. */
void claim_begin(struct claim *claim);
/* It is given up. False: an answer is awaited, with which `again` is called once more. */
bool claim_drop(struct claim *claim);
/* The predecessor of c has agreed or is gone. */
void claim_taken(struct cti_client *c);
void claim_on_wait(struct deadline *d, int64_t now_ms);

#endif
