/*
 * The word by which everything is found that one request has led to: X-Request-Id of its answer, req= of log
 * lines, request_id of rows, r of messages to relays.
 *
 * It comes from outside, and goes into all of these: so it is an allow-list.
 */
#ifndef DIALTONE_BASE_REQUEST_ID_H
#define DIALTONE_BASE_REQUEST_ID_H

#include <stdbool.h>

#include "base/str.h"

#define REQUEST_ID_SIZE 65 /* 64 characters and a NUL */

/* At most 64 letters, digits, "-", "_" and ".", and one at least. */
bool request_id_is_acceptable(struct str s);
/* A new one: 32 hexadecimal digits. */
void request_id_make(char out[REQUEST_ID_SIZE]);

#endif
