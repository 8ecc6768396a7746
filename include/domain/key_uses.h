/*
 * How often each API key was used, collected in the process and written in batches: a request never
 * costs an UPDATE.  What was not written when a worker is killed is lost, and only that.
 */
#ifndef DIALTONE_DOMAIN_KEY_USES_H
#define DIALTONE_DOMAIN_KEY_USES_H

#include "crypto/hash.h"
#include "service/service.h"

struct key_uses;

struct key_uses *key_uses_new(void);
void key_uses_free(struct key_uses **u);
/* Counts one use of the key with this hash. A key beyond the table's ceiling (4096 between two
 * writes) is not counted. */
void key_uses_add(struct key_uses *u, const uint8_t hash[HASH_BYTES]);
/* Writes what was collected. Kept for the next time when the database is away. */
void key_uses_flush(struct service *s);

#endif
