/*
 * The rows as an OpenAPI 3.1 document: what /api/openapi.json answers and the reference page shows.
 */
#ifndef DIALTONE_HTTP_OPENAPI_H
#define DIALTONE_HTTP_OPENAPI_H

#include "base/buf.h"
#include "http/router.h"

/* Adds the whole document to out. version: of this program. Internal rows are left out. */
void openapi_write(const struct router *r, const char *version, struct buf *out);

#endif
