/*
 * Answers to plain HTTP requests (RFC 9112 section 6.3), always with a length, so that the connection
 * can serve another request.  Everything is borrowed while it is written.
 */
#ifndef DIALTONE_RELAY_WS_HTTP_ANSWER_H
#define DIALTONE_RELAY_WS_HTTP_ANSWER_H

#include <stdbool.h>

#include "base/buf.h"

struct http_answer {
	int status;          /* one of those in http_answer.c, which have their reason phrase */
	const char *type;    /* Content-Type; NULL without one */
	const char *headers; /* more lines, each with its CRLF; NULL: none */
	struct str body;
	bool close;   /* the connection ends afterwards */
	bool no_body; /* only its length is told, as for HEAD */
};

/* Appends the whole answer; out overflows as usual. */
void http_answer_put(struct buf *out, const struct http_answer *a);

#endif
