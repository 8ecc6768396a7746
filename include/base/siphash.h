/*
 * SipHash-1-3 (Aumasson and Bernstein, 2012) with a seed of this process.
 *
 * For tables whose keys come from clients: without the seed they cannot make keys collide.  It is
 * no signature, and means nothing outside the process.
 */
#ifndef DIALTONE_BASE_SIPHASH_H
#define DIALTONE_BASE_SIPHASH_H

#include <stdint.h>

#include "base/str.h"

uint64_t siphash(struct str key);

#endif
