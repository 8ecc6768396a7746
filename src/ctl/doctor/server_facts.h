/*
 * What PostgreSQL says of itself and of those connected to it, and what the database holds that tells of trouble.
 *
 * The first asks the catalog alone, so it works with whatever schema; the second wants ours.  Every count ends at
 * FACTS_MOST, every look at rows goes along an index, so both cost the same with a million accounts.
 */
#ifndef DIALTONE_CTL_DOCTOR_SERVER_FACTS_H
#define DIALTONE_CTL_DOCTOR_SERVER_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define FACTS_MOST 10000

struct pg;

struct server_facts {
	const char *role, *database;
	int64_t version;         /* 150008 */
	int64_t max_connections; /* for roles like ours */
	int64_t port;
	int64_t now, skew; /* microseconds; how far our clock is ahead */
	int64_t backend;   /* our process there */
	bool superuser, standby;
	int64_t jobs, pbx, api;   /* connected programs of this database */
	int64_t tables_closed;    /* of ours that we may not read and write */
	const char *table_closed; /* the first of them */
	bool has_kamailio, may_read_kamailio;
};

struct content_facts {
	int64_t outbox,
		outbox_since;    /* events that wait; since when the first does, 0: there is none */
	int64_t dead_jobs;       /* given up */
	int64_t mails, messages; /* that wait */
	int64_t spaces;
	const char *hosts; /* of the first 200 spaces, separated by blanks */
};

/* Who has a lock that others wait for. */
struct lock_holder {
	int64_t pid;     /* its process in PostgreSQL */
	int64_t waiting; /* for it, or for one that waits for it */
	const char *role, *program;
};

/* Asks on a connection that has been registered with. */
void server_facts_register(struct pg *pg);
void content_facts_register(struct pg *pg);
MUST_CHECK enum err server_facts_read(struct pg *pg, struct arena *arena, struct server_facts *ret);
/* ERR_NOT_FOUND: none does. */
MUST_CHECK enum err lock_holder_read(struct pg *pg, struct arena *arena, struct lock_holder *ret);
MUST_CHECK enum err content_facts_read(
	struct pg *pg, struct arena *arena, struct content_facts *ret);
/* Writes a row and takes it back. */
MUST_CHECK enum err content_can_be_written(struct pg *pg);

struct sealing_key {
	int64_t id;
};
/* The ids of the keys that the newest secrets of each kind were sealed with. */
MUST_CHECK enum err sealing_keys_read(
	struct pg *pg, struct arena *arena, struct sealing_key **ret, size_t *ret_count);

#endif
