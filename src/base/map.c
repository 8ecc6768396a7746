#include "base/map.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/siphash.h"

#define MAP_FIRST 16

/* Open addressing, linear probing, backward-shift deletion: no tombstones. */
struct slot {
	void *value; /* NULL: free */
	char *key;
	uint32_t n;
	uint32_t hash;
};

struct map {
	struct slot *slots;
	size_t size, count; /* size is a power of two */
};

static uint32_t hash_of(struct str key)
{
	uint64_t h = siphash(key);

	return (uint32_t)(h ^ h >> 32);
}

struct map *map_new(void)
{
	struct map *m = mem_alloc(sizeof(*m));

	m->size = MAP_FIRST;
	m->slots = mem_alloc(m->size * sizeof(*m->slots));
	return m;
}

void map_free(struct map **m)
{
	if (!*m)
		return;
	for (size_t i = 0; i < (*m)->size; i++)
		free((*m)->slots[i].key);
	free((*m)->slots);
	free(*m);
	*m = NULL;
}

size_t map_count(const struct map *m)
{
	return m->count;
}

/* The slot of the key, or the free one where it belongs. */
static size_t find(const struct map *m, struct str key, uint32_t hash)
{
	size_t i = hash & (m->size - 1);

	for (; m->slots[i].value; i = (i + 1) & (m->size - 1)) {
		const struct slot *s = &m->slots[i];

		if (s->hash == hash && str_eq((struct str){ s->key, s->n }, key))
			break;
	}
	return i;
}

void *map_get(const struct map *m, struct str key)
{
	return m->slots[find(m, key, hash_of(key))].value;
}

static void resize(struct map *m)
{
	struct slot *old = m->slots;
	size_t old_size = m->size;

	m->size *= 2;
	m->slots = mem_alloc(m->size * sizeof(*m->slots));
	for (size_t i = 0; i < old_size; i++) {
		struct slot *s = &old[i];

		if (s->value)
			m->slots[find(m, (struct str){ s->key, s->n }, s->hash)] = *s;
	}
	free(old);
}

void *map_put(struct map *m, struct str key, void *value)
{
	uint32_t hash = hash_of(key);
	size_t i = find(m, key, hash);
	void *old = m->slots[i].value;

	if (!old) {
		if ((m->count + 1) * 4 > m->size * 3) {
			resize(m);
			i = find(m, key, hash);
		}
		m->slots[i].key = mem_strndup(key.p, key.n);
		m->slots[i].n = (uint32_t)key.n;
		m->slots[i].hash = hash;
		m->count++;
	}
	m->slots[i].value = value;
	return old;
}

/* Closes the hole at i by moving later members of its run back. */
static void close_hole(struct map *m, size_t i)
{
	size_t mask = m->size - 1;

	for (size_t j = (i + 1) & mask; m->slots[j].value; j = (j + 1) & mask) {
		size_t home = m->slots[j].hash & mask;

		if (((j - home) & mask) < ((j - i) & mask))
			continue;
		m->slots[i] = m->slots[j];
		i = j;
	}
	m->slots[i] = (struct slot){ 0 };
}

void *map_remove(struct map *m, struct str key)
{
	size_t i = find(m, key, hash_of(key));
	void *old = m->slots[i].value;

	if (!old)
		return NULL;
	free(m->slots[i].key);
	m->count--;
	close_hole(m, i);
	return old;
}

bool map_next(const struct map *m, size_t *at, struct str *ret_key, void **ret_value)
{
	while (*at < m->size) {
		const struct slot *s = &m->slots[(*at)++];

		if (!s->value)
			continue;
		*ret_key = (struct str){ s->key, s->n };
		*ret_value = s->value;
		return true;
	}
	return false;
}
