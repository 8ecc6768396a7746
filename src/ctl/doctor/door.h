/*
 * Whether a server lets one in: connects to where it listens, and asks the API for a sign of life, within a
 * bounded time.
 */
#ifndef DIALTONE_CTL_DOCTOR_DOOR_H
#define DIALTONE_CTL_DOCTOR_DOOR_H

#include <stdbool.h>

/* address: "/path", "unix:/path", "127.0.0.1:9001", "[::1]:9001", "host:port". NULL, or why not. */
const char *door_opens(const char *address, int wait_ms);
/* The same for FastCGI: GET /api/ping is answered. */
const char *door_api_answers(const char *address, int wait_ms);

#endif
