/* The application as a whole: the core, and what its features keep for all clients together. */
#ifndef DIALTONE_RELAY_CTI_CTI_PRIV_H
#define DIALTONE_RELAY_CTI_CTI_PRIV_H

#include "base/arena.h"
#include "base/map.h"
#include "base/sample.h"
#include "relay/core/core.h"
#include "relay/cti/settings.h"
#include "session_line.h"

struct cti {
	struct core core;
	const struct cti_settings *settings;
	const struct cti_ports *ports;
	struct arena *arena;    /* of the message being delivered */
	struct frame *authe_ok; /* what a client that is logged in is told */
	struct list waiting;    /* logins that wait for Redis */
	struct list snapshots;  /* of streams, for clients that came */
	struct map *waiters;    /* those clients, by socket id */
	struct list crowds;     /* users who seem to have too many clients, while it is found out */
	struct list untold;     /* live clients that have not been told of their own extensions */
	uint64_t echoes;        /* asked for */
	struct list unasked;    /* channels whose sequence and epoch are to be asked for */
	bool asking;            /* about some of them */
	struct deadline tick, beat;
	struct deadline_queue retries, waits, gaps, ticks, beats, roll_calls;
	int64_t ticked_ms;
	int64_t round_owed; /* in thousandths */
	struct sample complaints;
	/* Of those in the log. */
	struct sample refused_logins[LOGIN_REFUSALS], closes[CLOSE_COUNT];
};

static inline struct cti *cti_of(struct core *core)
{
	return LIST_ENTRY(core, struct cti, core);
}

#endif
