/*
 * Answers to plain HTTP requests, always with a length.
 */
#ifndef DIALTONE_RELAY_WS_HTTP_ANSWER_H
#define DIALTONE_RELAY_WS_HTTP_ANSWER_H

#include <stdbool.h>

#include "base/buf.h"

struct http_answer {
	int status;
	const char *type;    /* Content-Type; NULL without one */
	const char *headers; /* more lines, each with its CRLF; NULL: none */
	struct str body;
	bool close; /* the connection ends afterwards */
};

void http_answer_put(struct buf *out, const struct http_answer *a);

#endif
