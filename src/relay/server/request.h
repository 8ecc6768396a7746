/* Finds out what a request wants. */
#ifndef DIALTONE_RELAY_SERVER_REQUEST_H
#define DIALTONE_RELAY_SERVER_REQUEST_H

#include "relay/ws/http_head.h"
#include "conn.h"

void request_serve(struct conn *c, const struct http_head *head);

#endif
