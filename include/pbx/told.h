/* Reads in {D}:st, domain after domain, what clients were told, for pbx_remember(). */
#ifndef DIALTONE_PBX_TOLD_H
#define DIALTONE_PBX_TOLD_H

#include "pbx/core/pbx.h"
#include "redis/pipeline.h"

struct pg;
struct told;

struct told_owner {
	struct pipeline *pipeline;
	struct pg *pg;
	const char *prefix; /* the setting redis_prefix */
	/* All is read, or Redis went away before. */
	void (*on_read)(void *arg, enum err e);
	void *arg;
};

/* owner is copied, what it names is kept. */
struct told *told_new(const struct told_owner *owner);
void told_free(struct told **t);
/* on_read comes later, once for the last call.  forget_calls: no process holds those that are kept for orders, and the core
 * tells anew which there are.  ERR_UNAVAILABLE: the domains cannot be had now, nothing was begun. */
MUST_CHECK enum err told_read(struct told *t, struct pbx *core, bool forget_calls);
/* The core is about to go. */
void told_stop(struct told *t);

#endif
