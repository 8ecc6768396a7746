/* The HTTP answer that carries a program's figures as OpenMetrics text, for what scrapes a unix socket. */
#ifndef DIALTONE_BASE_OPEN_METRICS_H
#define DIALTONE_BASE_OPEN_METRICS_H

#include "base/buf.h"

/* Adds head and text; the connection ends with it. */
void open_metrics_answer(struct buf *out, const struct buf *text);

#endif
