#include "domain/key_uses.h"

#include <stdlib.h>

#include "base/encode.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "store/key_store.h"

#define KEYS_MAX 4096

struct key_uses {
	struct map *counted; /* hash to its place in counts */
	size_t n;
	char hashes[KEYS_MAX][HEX_SIZE(HASH_BYTES)];
	const char *texts[KEYS_MAX]; /* the same, as the store takes them */
	int64_t counts[KEYS_MAX];
};

struct key_uses *key_uses_new(void)
{
	struct key_uses *u = mem_alloc(sizeof(*u));

	u->counted = map_new();
	return u;
}

void key_uses_free(struct key_uses **u)
{
	if (!*u)
		return;
	map_free(&(*u)->counted);
	free(*u);
	*u = NULL;
}

void key_uses_add(struct key_uses *u, const uint8_t hash[HASH_BYTES])
{
	const struct str key = { (const char *)hash, HASH_BYTES };
	int64_t *count = map_get(u->counted, key);

	if (count) {
		++*count;
		return;
	}
	if (u->n == KEYS_MAX)
		return;
	u->texts[u->n] = hex_encode(u->hashes[u->n], hash, HASH_BYTES);
	u->counts[u->n] = 1;
	map_put(u->counted, key, &u->counts[u->n++]);
}

static void forget(struct key_uses *u)
{
	map_free(&u->counted);
	u->counted = map_new();
	u->n = 0;
}

void key_uses_flush(struct service *s)
{
	struct key_uses *u = s->key_uses;

	if (u->n == 0)
		return;
	enum err e = key_store_count_uses(s, u->texts, u->counts, u->n);

	if (e == ERR_OK)
		forget(u);
	else if (e != ERR_UNAVAILABLE)
		log_warn("uses of %zu API keys are not counted yet: %s", u->n, err_name(e));
}
