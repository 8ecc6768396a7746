/*
 * Rooms without listeners: what is for them is not published (cti-api 3.3).
 *
 * It is kept for some seconds, for as long as a client that comes may not have read it elsewhere yet, and published when
 * one does.  Redis is asked who listens: of a room where someone does every ten seconds, of the others ten times a second,
 * while there is something for them.
 */
#ifndef DIALTONE_PBX_LISTENERS_H
#define DIALTONE_PBX_LISTENERS_H

#include "redis/pipeline.h"

struct listeners;

/* send: publishes one that was kept. All are kept. */
struct listeners *listeners_new(struct pipeline *pipeline,
	void (*send)(void *arg, struct redis_command command), void *arg);
/* Behind the pipeline. */
void listeners_free(struct listeners **l);
/* False: it is to be published now; room: its channel. */
bool listeners_keep(struct listeners *l, struct str room, struct redis_command command);
/* Asks what is to be asked. Returns when to call again, by clock_ms(); DEADLINE_NEVER: nothing waits. */
int64_t listeners_look(struct listeners *l, int64_t now_ms);
/* The connection is lost: nothing is known any more, and nothing kept. */
void listeners_forget(struct listeners *l);

#endif
