/* store_figures.c: what the figures tell of the database. */
#ifndef DIALTONE_JOBS_FIGURES_PRIV_H
#define DIALTONE_JOBS_FIGURES_PRIV_H

#include "jobs/standing.h"
#include "service/service.h"

void figures_register(struct pg *pg);
/* Counts up to so many. */
MUST_CHECK enum err figures_store_outbox(
	struct service *s, int64_t most, struct outbox_standing *ret);
MUST_CHECK enum err figures_store_installation(struct service *s, struct installation *ret);

#endif
