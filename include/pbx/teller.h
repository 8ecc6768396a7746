/*
 * Tells relays, and {D}:st, what the core says, without waiting for Redis.
 *
 * What does not get there is not kept: it is counted, and teller_was_lost() says that the core is to tell its states
 * anew, which takes less than a queue would, and is newer.
 */
#ifndef DIALTONE_PBX_TELLER_H
#define DIALTONE_PBX_TELLER_H

#include "events/event_kind.h"
#include "pbx/core/event.h"
#include "pbx/redis_watch.h"
#include "redis/pipeline.h"

struct teller;

struct teller_figures {
	uint64_t published, failed; /* commands */
	uint64_t skipped;           /* kept back from rooms without listeners */
	bool connected;
};

/* watch: of the pipeline. prefix: the setting redis_prefix. All are kept. */
struct teller *teller_new(
	struct pipeline *pipeline, const struct redis_watch *watch, const char *prefix);
void teller_free(struct teller **t);

void teller_tell(
	struct teller *t, enum event_id kind, const struct event *about, const void *facts);
/* As keep_call of struct pbx_owner. */
void teller_keep_call(
	struct teller *t, const char *domain, const char *linked_id, const struct pbx_event *call);

/* Whether it may wait for Redis, for a moment, when very much is told at once; answers to what others have asked
 * come meanwhile. */
void teller_may_wait(struct teller *t, bool may);
/* Looks after what was kept for rooms without listeners.  Returns when to call again, by clock_ms(). */
int64_t teller_look(struct teller *t, int64_t now_ms);
/* The connection is lost. */
void teller_on_down(struct teller *t);

/* Whether something may not have got there since the last time this was asked. */
bool teller_was_lost(struct teller *t);
void teller_note_loss(struct teller *t);
struct teller_figures teller_figures(const struct teller *t);

#endif
