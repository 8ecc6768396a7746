#include "resources/spaces/space.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "crypto/provider_token.h"
#include "spaces_priv.h"

#define SPACES_FRESH_MS    1000
#define SPACES_ARENA_BYTES 4096

struct spaces {
	struct arena *arena; /* of the list; a new list gets a new one */
	struct space *list;
	struct provider_key **keys; /* of each that was asked for, NULL for the others */
	size_t count;
	int64_t version; /* the list has at least the changes that this number counts */
	int64_t day;     /* it was read on: whether one is expired depends on it */
	int64_t checked_ms;
};

struct spaces *spaces_new(void)
{
	return mem_alloc(sizeof(struct spaces));
}

static void forget(struct spaces *known)
{
	for (size_t i = 0; i < known->count; i++)
		provider_key_free(&known->keys[i]);
	arena_free(&known->arena);
}

void spaces_free(struct spaces **s)
{
	if (!*s)
		return;
	forget(*s);
	free(*s);
	*s = NULL;
}

static int64_t today(void)
{
	return clock_wall_us() / CLOCK_DAY_US;
}

static enum err load(struct service *s, int64_t version, int64_t now_ms)
{
	struct spaces *known = s->spaces;
	struct spaces fresh = { .version = version, .day = today(), .checked_ms = now_ms };
	enum err e;

	fresh.arena = arena_new(SPACES_ARENA_BYTES);
	e = space_list(s, fresh.arena, &fresh.list, &fresh.count);
	if (e != ERR_OK) {
		arena_free(&fresh.arena);
		return e;
	}
	fresh.keys = arena_alloc(fresh.arena, (fresh.count + 1) * sizeof(*fresh.keys));
	forget(known);
	*known = fresh;
	return ERR_OK;
}

/* The number is read before the list, so that the list is never older than it says. */
static enum err renew(struct service *s, struct subject_lookup *also)
{
	struct spaces *known = s->spaces;
	int64_t version, now_ms = clock_ms();
	enum err e = space_store_version(s, also, &version);

	if (e != ERR_OK)
		return e;
	known->checked_ms = now_ms;
	if (known->arena && space_list_is_current(s, version) && known->day == today())
		return ERR_OK;
	return load(s, version, now_ms);
}

bool space_list_is_current(const struct service *s, int64_t version)
{
	return s->spaces->version == version;
}

enum err space_list_check(struct service *s, struct subject_lookup *also)
{
	const int64_t version = s->spaces->version, day = s->spaces->day;
	enum err e = renew(s, also);

	/* The list was replaced, by another one or by that of another day: the caller's space is of the old one. */
	return e == ERR_OK && (s->spaces->version != version || s->spaces->day != day) ? ERR_RETRY
										       : e;
}

static bool is_fresh(const struct spaces *known)
{
	return known->arena && clock_ms() - known->checked_ms < SPACES_FRESH_MS;
}

static enum err refresh(struct service *s)
{
	const struct spaces *known = s->spaces;

	if (is_fresh(known))
		return ERR_OK;
	enum err e = renew(s, NULL);

	return e == ERR_UNAVAILABLE && known->arena ? ERR_OK : e;
}

const struct space *space_known_by_host(const struct service *s, const char *host)
{
	const struct spaces *known = s->spaces;

	for (size_t i = 0; i < known->count; i++)
		if (strcmp(known->list[i].host, host) == 0)
			return &known->list[i];
	return known->count == 1 && s->settings->single_space_fallback ? &known->list[0] : NULL;
}

enum err space_by_host(struct service *s, const char *host, const struct space **ret)
{
	enum err e = refresh(s);

	if (e == ERR_OK && !space_known_by_host(s, host))
		e = renew(s, NULL); /* it may have been made just now */
	if (e != ERR_OK)
		return e;
	*ret = space_known_by_host(s, host);
	return *ret ? ERR_OK : ERR_NOT_FOUND;
}

enum err space_by_domain(struct service *s, const char *domain, const struct space **ret)
{
	const struct spaces *known = s->spaces;
	enum err e = known->arena ? ERR_OK : renew(s, NULL);

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

const struct provider_key *space_provider_key(const struct service *s, const struct space *space)
{
	const struct spaces *known = s->spaces;
	struct provider_key **key = &known->keys[space - known->list];

	if (!*key && space->provider_key)
		*key = provider_key_new(str_from(space->provider_key));
	return *key;
}
