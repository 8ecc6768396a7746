#include "domain/space.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/space_store.h"

#define SPACES_FRESH_MS    1000
#define SPACES_ARENA_BYTES 4096

struct spaces {
	struct arena *arena; /* of the list; a new list gets a new one */
	struct space *list;
	size_t count;
	int64_t loaded_ms;
};

struct spaces *spaces_new(void)
{
	return mem_alloc(sizeof(struct spaces));
}

void spaces_free(struct spaces **s)
{
	if (!*s)
		return;
	arena_free(&(*s)->arena);
	free(*s);
	*s = NULL;
}

static enum err load(struct domain *d, int64_t now_ms)
{
	struct spaces *s = d->spaces;
	struct arena *arena = arena_new(SPACES_ARENA_BYTES);
	struct space *list;
	size_t count;
	enum err e = space_store_list(d->store, arena, &list, &count);

	if (e != ERR_OK) {
		arena_free(&arena);
		return e;
	}
	arena_free(&s->arena);
	*s = (struct spaces){ arena, list, count, now_ms };
	return ERR_OK;
}

static enum err refresh(struct domain *d)
{
	int64_t now_ms = clock_ms();

	if (d->spaces->arena && now_ms - d->spaces->loaded_ms < SPACES_FRESH_MS)
		return ERR_OK;
	enum err e = load(d, now_ms);

	return e == ERR_UNAVAILABLE && d->spaces->arena ? ERR_OK : e;
}

enum err space_by_host(struct domain *d, const char *host, const struct space **ret)
{
	const struct spaces *s = d->spaces;
	enum err e = refresh(d);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->list[i].host, host) == 0) {
			*ret = &s->list[i];
			return ERR_OK;
		}
	if (s->count != 1 || !d->settings->single_space_fallback)
		return ERR_NOT_FOUND;
	*ret = &s->list[0];
	return ERR_OK;
}

enum err space_by_domain(struct domain *d, const char *domain, const struct space **ret)
{
	const struct spaces *s = d->spaces;
	enum err e = refresh(d);

	if (e != ERR_OK)
		return e;
	*ret = NULL;
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->list[i].domain, domain) == 0)
			*ret = &s->list[i];
	return ERR_OK;
}
