#include "base/tally.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"

#define ARENA_BYTES 4096
#define KEY_MAX     4096 /* bytes of all parts together */

struct tally {
	struct arena *arena; /* of the texts */
	struct map *places;  /* key to its count */
	size_t parts, keys_max, n;
	const char **texts[TALLY_PARTS_MAX];
	int64_t *counts;
	struct buf key; /* of the one being added */
};

struct tally *tally_new(size_t parts, size_t keys_max)
{
	struct tally *t = mem_alloc(sizeof(*t));

	assert(parts > 0 && parts <= TALLY_PARTS_MAX);
	t->arena = arena_new(ARENA_BYTES);
	t->places = map_new();
	t->parts = parts;
	t->keys_max = keys_max;
	buf_init(&t->key, KEY_MAX);
	t->counts = mem_alloc(keys_max * sizeof(*t->counts));
	for (size_t p = 0; p < parts; p++)
		t->texts[p] = mem_alloc(keys_max * sizeof(**t->texts));
	return t;
}

void tally_free(struct tally **t)
{
	if (!*t)
		return;
	for (size_t p = 0; p < (*t)->parts; p++)
		free((*t)->texts[p]);
	free((*t)->counts);
	buf_finish(&(*t)->key);
	map_free(&(*t)->places);
	arena_free(&(*t)->arena);
	free(*t);
	*t = NULL;
}

static void enter(struct tally *t, struct str key, const struct str *parts)
{
	if (t->n == t->keys_max)
		return;
	for (size_t p = 0; p < t->parts; p++)
		t->texts[p][t->n] = arena_strndup(t->arena, parts[p].p, parts[p].n);
	t->counts[t->n] = 1;
	map_put(t->places, key, &t->counts[t->n++]);
}

void tally_add(struct tally *t, const struct str *parts)
{
	int64_t *count;

	buf_clear(&t->key);
	for (size_t p = 0; p < t->parts; p++) {
		buf_add(&t->key, parts[p].p, parts[p].n);
		buf_add_char(&t->key, '\0');
	}
	count = map_get(t->places, buf_str(&t->key));
	if (count)
		++*count;
	else if (!t->key.overflow)
		enter(t, buf_str(&t->key), parts);
}

size_t tally_size(const struct tally *t)
{
	return t->n;
}

const char *const *tally_texts(const struct tally *t, size_t part)
{
	assert(part < t->parts);
	return t->texts[part];
}

const int64_t *tally_counts(const struct tally *t)
{
	return t->counts;
}

static void begin_anew(struct tally *t)
{
	map_free(&t->places);
	t->places = map_new();
	arena_reset(t->arena);
	t->n = 0;
}

void tally_flush(struct tally *t, enum err (*write)(void *arg, const struct tally *t), void *arg,
	const char *what)
{
	if (t->n == 0)
		return;
	enum err e = write(arg, t);

	if (e == ERR_OK)
		begin_anew(t);
	else if (e != ERR_UNAVAILABLE)
		log_warn("uses of %zu %s are not written yet: %s; they are kept until the database "
			 "takes them",
			t->n, what, err_name(e));
}
