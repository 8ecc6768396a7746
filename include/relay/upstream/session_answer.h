/*
 * What is known about a session after asking the API, in words that need no socket.
 */
#ifndef DIALTONE_RELAY_UPSTREAM_SESSION_ANSWER_H
#define DIALTONE_RELAY_UPSTREAM_SESSION_ANSWER_H

#include "base/str.h"

enum session_answer {
	SESSION_ALIVE,   /* body is the API's JSON */
	SESSION_REFUSED, /* 401 or 403: there is no such session */
	SESSION_UNKNOWN  /* the API is away, slow or in trouble: ask again later */
};

/* body is borrowed. */
typedef void session_answer_fn(void *arg, enum session_answer answer, struct str body);

#endif
