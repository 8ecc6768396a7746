/*
 * The network that a client is counted under: an IPv4 address, or the /64 of an IPv6 address, which is
 * what one household has of them.
 */
#ifndef DIALTONE_BASE_NETWORK_H
#define DIALTONE_BASE_NETWORK_H

#include "base/str.h"

#define NETWORK_SIZE 56 /* with NUL */

/* Writes it as text into out and returns that. What is no address is copied, cut to fit. */
const char *network_of(char out[NETWORK_SIZE], struct str ip);

#endif
