/*
 * FastCGI from the web server's side (the protocol's specification 1.0, role responder): one request
 * to bytes, the bytes of its answer to status and body.  No I/O.
 *
 *   | version 1 | type | request id (2) | length (2) | padding | 0 | content | padding |
 */
#ifndef DIALTONE_RELAY_UPSTREAM_FCGI_H
#define DIALTONE_RELAY_UPSTREAM_FCGI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct fcgi_param {
	const char *name;
	struct str value;
};

/* Appends a whole request without a body; the connection is to be closed after the answer. All
 * parameters together are shorter than 64 KiB. */
void fcgi_request_put(struct buf *out, const struct fcgi_param *params, size_t n);

struct fcgi_answer {
	struct buf record; /* a record that has not come whole */
	struct buf output; /* what the application wrote: head, empty line, body */
};

void fcgi_answer_init(struct fcgi_answer *a, size_t max_output);
void fcgi_answer_finish(struct fcgi_answer *a);
/* ERR_AGAIN: more is needed. ERR_OK: the answer is whole. ERR_LIMIT: it is too long.
 * ERR_PROTOCOL: it is no answer. */
MUST_CHECK enum err fcgi_answer_feed(struct fcgi_answer *a, const void *p, size_t n);
/* Of a whole answer. False: it has no head. 200 when there is no Status line; body is borrowed. */
bool fcgi_answer_read(const struct fcgi_answer *a, int *ret_status, struct str *ret_body);

#endif
