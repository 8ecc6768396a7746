/*
 * What the workers of dialtone-api count, each in a place of its own on a board that they share: nothing waits for
 * another, and what a worker has counted stays when it is gone.  The sum of all places is told by a process that does
 * nothing else (api/figures.h), so a worker that hangs hides nothing.
 *
 * Places are those of the supervisor (daemon/supervisor.h); the worker that comes into one goes on where the last one
 * was.  A place has about 0.5 KB for each row of endpoints.
 */
#ifndef DIALTONE_API_BOARD_H
#define DIALTONE_API_BOARD_H

#include "base/metric.h"
#include "base/request_id.h"
#include "daemon/supervisor.h"
#include "http/router.h"
#include "pg/counters.h"
#include "redis/redis.h"
#include "service/count.h"
#include "service/limit.h"

#define BOARD_STATUSES_MAX 48

struct board;

/* Of one worker; summed, of all. The first ones hold only while it is alive. */
struct worker_figures {
	uint64_t busy;        /* 1: it is at a request */
	uint64_t keeps;       /* 1: it keeps connections of web servers open */
	uint64_t connections; /* how many */
	uint64_t
		turns; /* requests and other things begun and done: none is added by one that hangs */
	struct {
		uint64_t row;                  /* of endpoints, its address; 0: not known yet */
		char request[REQUEST_ID_SIZE]; /* "": there was none yet */
	} at;                                  /* the last request */
	struct pg_counters pg;
	struct redis_counters redis;
	uint64_t busy_us;
	uint64_t together;
	uint64_t counts[COUNT_COUNT];
};

/* Of one row of endpoints, of its statuses. */
struct route_figures {
	uint64_t statuses[BOARD_STATUSES_MAX];
	struct metric_histogram took;
};

extern const struct metric board_route_metrics[];
enum { BOARD_REQUESTS, BOARD_REQUEST_SECONDS };

/* Made before workers fork. The router is kept. */
struct board *board_new(const struct router *r);
/* What is shared stays mapped. Sets *b to NULL. */
void board_free(struct board **b);
struct supervisor_figures *board_supervisor(const struct board *b);
struct limit_counts *board_limits(const struct board *b);

/* How many workers are alive in places before this one, and were not told to end. */
size_t board_alive_before(const struct board *b, size_t place);
/* How many connections the idle worker has that keeps the fewest of those that keep any, this one left out;
 * SIZE_MAX: all others are at work or end, or there are none. */
size_t board_fewest_connections(const struct board *b, size_t place);
/* In a worker. */
struct worker_figures *board_take(struct board *b, size_t place);
/* An answer, so long after its request, of which the worker spent so much on it; row NULL: none was found. */
void board_note(struct board *b, size_t place, const struct endpoint *row, int status, uint64_t us,
	uint64_t spent_us);
/* A request is begun or taken up: what it is told to be at should it hang; row NULL: not known yet. */
void board_note_at(struct board *b, size_t place, const char request_id[REQUEST_ID_SIZE],
	const struct endpoint *row);
/* Something is done. */
void board_note_turn(struct board *b, size_t place);
/* Requests that ask the database together. */
void board_note_together(struct board *b, size_t place, size_t requests);

/* In the supervisor, as struct supervisor_watch has it: with answers of PostgreSQL, so that what asks it for much, or
 * waits for locks in a crowd, is none that hangs. */
uint64_t board_steps(const struct board *b, size_t place);
void board_tell_hung(const struct board *b, size_t place, pid_t pid, int64_t silent_ms);

/* The sum of all places, of busy and the like only of those that are alive. */
struct worker_figures board_sum(const struct board *b);
/* Requests and their times, as far as there were any. */
void board_put_routes(const struct board *b, struct metric_text *t);

#endif
