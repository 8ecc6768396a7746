/*
 * What a status of HTTP is called.
 *
 * RFC 9112, 4 wants a space behind the status and lets the words behind it be missing; belle-sip, the
 * client library of Linphone, drops every answer without them.  So each status line of ours has some.
 */
#ifndef DIALTONE_BASE_HTTP_STATUS_H
#define DIALTONE_BASE_HTTP_STATUS_H

#include <stddef.h>

/* Never empty; of a status without a name of its own, what its hundred is called. */
const char *http_status_reason(int status);
/* Those that have a name of their own, from 0 on; 0: there are no more. */
int http_status_nth(size_t i);

#endif
