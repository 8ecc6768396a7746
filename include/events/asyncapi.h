/*
 * The rows of event_shape.h as an AsyncAPI 3.0 document: what /api/asyncapi.json answers.
 */
#ifndef DIALTONE_EVENTS_ASYNCAPI_H
#define DIALTONE_EVENTS_ASYNCAPI_H

#include "base/buf.h"

#define ASYNCAPI_MAX ((size_t)256 << 10)

/* Adds the whole document to out. version: of this program. */
void asyncapi_write(const char *version, struct buf *out);

#endif
