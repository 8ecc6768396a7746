/* What the API counts, for its setting metrics_socket (daemon/figures_socket.h). */
#ifndef DIALTONE_API_FIGURES_H
#define DIALTONE_API_FIGURES_H

#include <stdbool.h>

#include "base/buf.h"
#include "service/limit.h"

/* arg: struct limit_counts */
void api_figures_put(void *arg, bool open_metrics, struct buf *out);

#endif
