/*
 * Records of calls on their way to PostgreSQL: some together, tried again while it is away.  So many may wait; what
 * comes then is counted and lost, as the oldest may be those of a long outage.
 */
#ifndef DIALTONE_PBX_RECORDS_H
#define DIALTONE_PBX_RECORDS_H

#include "conf/settings.h"
#include "resources/calls/call_record.h"

struct records;

struct records_figures {
	uint64_t waiting;
	uint64_t written, dropped;
};

/* service: its arena is reset by each write. Both are kept. */
struct records *records_new(struct service *service, const struct pbx_settings *settings);
void records_free(struct records **r);
/* A copy is kept. */
void records_add(struct records *r, const struct call_record *record);
/* Writes what waits, when it is time to. Returns when to call again, by clock_ms(); DEADLINE_NEVER: nothing waits. */
int64_t records_write(struct records *r, int64_t now_ms);
/* All of it, as far as PostgreSQL takes it now. */
void records_flush(struct records *r);
struct records_figures records_figures(const struct records *r);

#endif
