/*
 * A hash table from byte strings to pointers.
 *
 * Keys are copied, values are kept.  Keys may come from clients: the hash (SipHash-1-3) is seeded
 * per process, so they cannot be made to collide.
 */
#ifndef DIALTONE_BASE_MAP_H
#define DIALTONE_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct map;

struct map *map_new(void);
/* Forgets the values, they stay yours; sets *m to NULL. */
void map_free(struct map **m);
size_t map_count(const struct map *m);
/* NULL when there is none. */
void *map_get(const struct map *m, struct str key);
/* Adds or replaces; value is not NULL. Returns the value it replaced, or NULL. */
void *map_put(struct map *m, struct str key, void *value);
/* Returns the value it removed, or NULL. */
void *map_remove(struct map *m, struct str key);

/* Walks all entries in no order: start with *at = 0, false at the end.  Nothing may be added or
 * removed during a walk. */
bool map_next(const struct map *m, size_t *at, struct str *ret_key, void **ret_value);

#endif
