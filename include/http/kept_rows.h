/*
 * nginx/kept.conf: which requests nginx sends on kept connections, printed from the endpoint rows.
 *
 * The file lists what may be kept, and the pattern is narrower than what the router takes: a path that
 * is spelled in another way, has a query string, or comes with a body, goes the other way, which is safe
 * for all.  So the two cannot disagree to the harm of a row that acts.
 */
#ifndef DIALTONE_HTTP_KEPT_ROWS_H
#define DIALTONE_HTTP_KEPT_ROWS_H

#include "base/buf.h"
#include "http/router.h"

void kept_rows_write(const struct router *r, struct buf *out);

#endif
