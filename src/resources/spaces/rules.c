#include "resources/spaces/space.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

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

static enum err load(struct service *s, int64_t now_ms)
{
	struct spaces *known = s->spaces;
	struct arena *arena = arena_new(SPACES_ARENA_BYTES);
	struct space *list;
	size_t count;
	enum err e = space_list(s, arena, &list, &count);

	if (e != ERR_OK) {
		arena_free(&arena);
		return e;
	}
	arena_free(&known->arena);
	*known = (struct spaces){ arena, list, count, now_ms };
	return ERR_OK;
}

static enum err refresh(struct service *s)
{
	int64_t now_ms = clock_ms();

	if (s->spaces->arena && now_ms - s->spaces->loaded_ms < SPACES_FRESH_MS)
		return ERR_OK;
	enum err e = load(s, now_ms);

	return e == ERR_UNAVAILABLE && s->spaces->arena ? ERR_OK : e;
}

enum err space_by_host(struct service *s, const char *host, const struct space **ret)
{
	const struct spaces *known = s->spaces;
	enum err e = refresh(s);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < known->count; i++)
		if (strcmp(known->list[i].host, host) == 0) {
			*ret = &known->list[i];
			return ERR_OK;
		}
	if (known->count != 1 || !s->settings->single_space_fallback)
		return ERR_NOT_FOUND;
	*ret = &known->list[0];
	return ERR_OK;
}

enum err space_by_domain(struct service *s, const char *domain, const struct space **ret)
{
	const struct spaces *known = s->spaces;
	enum err e = refresh(s);

	if (e != ERR_OK)
		return e;
	*ret = NULL;
	for (size_t i = 0; i < known->count; i++)
		if (strcmp(known->list[i].domain, domain) == 0)
			*ret = &known->list[i];
	return ERR_OK;
}

bool space_is_the_only_one(const struct service *s)
{
	return s->spaces->count == 1;
}
