/* Shared by the files of the connector. */
#ifndef DIALTONE_PBX_CONNECTOR_PRIV_H
#define DIALTONE_PBX_CONNECTOR_PRIV_H

#include "outgoing/transfers.h"
#include "pbx/connector.h"
#include "pbx/lease.h"
#include "pbx/core/pbx.h"
#include "pbx/records.h"
#include "pbx/redis_watch.h"
#include "pbx/teller.h"
#include "pbx/told.h"
#include "pbx/user_book.h"

struct connector {
	const struct connector_settings *settings;
	struct pg *pg;
	struct service service;
	struct lease *lease;
	struct user_book *users;
	struct transfers *transfers;
	struct pipeline_owner pipeline_owner;
	struct pipeline *pipeline; /* what is told goes by it */
	struct redis_watch watch;
	struct teller *teller;
	struct records *records;
	struct told *told;

	struct pbx *core; /* NULL: standing by */
	struct back_end_owner back_end_owner;
	void *back_end;  /* NULL: what was told is not read yet */
	bool is_reading; /* it is */
	int64_t read_ms; /* when to, by clock_ms(); DEADLINE_NEVER: it is read, or there is no Redis */
	int64_t sync_ms; /* when to ask the back end for all there is */
	int64_t began_ms;
	int64_t untold_ms;      /* when what was lost may be told anew */
	int64_t untold_wait_ms; /* doubles while it is lost again */
	int64_t synced_ms;      /* when it answered last; 0: it has not */
	int64_t calls_known_ms; /* likewise about calls */
	bool is_deaf;           /* they were not for long */
	uint64_t syncs;         /* snapshots taken */
	uint64_t refused;       /* of the core's figures, as they were logged */
};

/* connector_sync.c: what the back end and the teller say that makes the core doubtful. */
void connector_on_gap(void *arg);
void connector_on_snapshot(void *arg, const struct snapshot *s);
/* Asks for a snapshot when it is time to. */
void connector_sync(struct connector *c);
/* What did not get to Redis is told anew, less and less often where that does not help. */
void connector_retell(struct connector *c);
/* At the latest at that time, and no more often than once a second. */
void connector_sync_by(struct connector *c, int64_t at_ms);

#endif
