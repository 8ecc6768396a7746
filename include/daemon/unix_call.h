/*
 * One line to a server on a unix socket, and its whole answer: how programs of one machine give each
 * other orders.  It blocks, up to 10 s for each part of the answer, so it is not for programs that
 * serve clients meanwhile.
 */
#ifndef DIALTONE_DAEMON_UNIX_CALL_H
#define DIALTONE_DAEMON_UNIX_CALL_H

#include "base/buf.h"
#include "base/err.h"

/* line ends with a newline. What is read up to the end is appended to answer.
 * ERR_UNAVAILABLE: no server is there.  ERR_PROTOCOL: the answer is not whole, late or does not fit. */
MUST_CHECK enum err unix_call_make(const char *path, const char *line, struct buf *answer);

#endif
