/*
 * What dialtone-pbx does in its loop: it takes the events of a back end to the core and what the core says to Redis
 * and PostgreSQL, and asks the back end for all there is whenever something may have been missed.
 *
 * One connector is at work at a time (pbx/lease.h).  When it begins it reads what {D}:st says that clients were told.
 *
 *   standing by ──the lock──▶ reading {D}:st ──▶ at work ──the lock is another's──▶ standing by
 */
#ifndef DIALTONE_PBX_CONNECTOR_H
#define DIALTONE_PBX_CONNECTOR_H

#include <signal.h>
#include <stdbool.h>

#include "base/metric.h"
#include "conf/redis_address.h"
#include "pbx/back_end.h"

struct connector;
struct common_settings;
struct keyring;

struct connector_settings {
	const struct common_settings *common;
	const struct pbx_settings *own; /* may change between two turns */
	const struct redis_address *redis;
	const struct back_end_kind *back_end;
	const char *version; /* of the program */
};

/* settings are kept. */
struct connector *connector_new(const struct connector_settings *settings);
/* Writes the records that wait, as far as PostgreSQL takes them. */
void connector_free(struct connector **c);

/* The schema fits, or cannot be asked now. */
bool connector_fits(struct connector *c);

/* Sleeps until there is something to do, a caller connects to `listener` (-1: none) or a signal outside of `blocked`
 * comes, and does it. True when it is the listener. */
bool connector_turn(struct connector *c, int listener, const sigset_t *blocked);

/* The figures, and what it lacks, as daemon/figures_server.h wants them; arg is the connector. */
void connector_figures_put(void *arg, bool open_metrics, struct buf *out);
const char *connector_missing(void *arg);
#define PBX_METRICS_PREFIX "dialtone_pbx_"
/* Ended by rows without a name; those of Kamailio's events are told while it is at work. */
extern const struct metric connector_metrics[], kamailio_metrics[];

#endif
