/* A number in place of a text that would be too long to keep: an epoch, a coalescing key. */
#ifndef DIALTONE_RELAY_CTI_TEXT_HASH_H
#define DIALTONE_RELAY_CTI_TEXT_HASH_H

#include "base/str.h"

/* FNV-1a: producers are no strangers. */
uint64_t text_hash(struct str s);

#endif
