/*
 * The process that tells the figures and the health of the API (daemon/figures_server.h): beside the workers, so that
 * one that hangs, or all of them, hide nothing.
 */
#ifndef DIALTONE_API_FIGURES_H
#define DIALTONE_API_FIGURES_H

#include "api/board.h"
#include "api/health.h"
#include "daemon/figures_sockets.h"

#define API_METRICS_PREFIX "dialtone_api_"

struct api_figures {
	const struct board *board;
	struct health *health;
	const char *version; /* of the program */
};

/* Ended by a row without a name; those of routes are board_route_metrics. */
extern const struct metric api_metrics[];

/* Runs until SIGTERM. */
void api_figures_run(struct api_figures *f, const struct figures_sockets *sockets);

#endif
