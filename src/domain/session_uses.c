#include "domain/session_uses.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "store/session_store.h"

#define SESSIONS_MAX 4096
#define ARENA_BYTES  4096

struct session_uses {
	struct arena *arena; /* of the ids */
	struct map *seen;
	const char *jtis[SESSIONS_MAX];
	size_t n;
};

struct session_uses *session_uses_new(void)
{
	struct session_uses *u = mem_alloc(sizeof(*u));

	u->arena = arena_new(ARENA_BYTES);
	u->seen = map_new();
	return u;
}

void session_uses_free(struct session_uses **u)
{
	if (!*u)
		return;
	map_free(&(*u)->seen);
	arena_free(&(*u)->arena);
	free(*u);
	*u = NULL;
}

void session_uses_add(struct session_uses *u, const char *jti)
{
	if (u->n == SESSIONS_MAX || map_get(u->seen, str_from(jti)))
		return;
	map_put(u->seen, str_from(jti), u);
	u->jtis[u->n++] = arena_strdup(u->arena, jti);
}

static void forget(struct session_uses *u)
{
	for (size_t i = 0; i < u->n; i++)
		map_remove(u->seen, str_from(u->jtis[i]));
	u->n = 0;
	arena_reset(u->arena);
}

void session_uses_flush(struct service *s)
{
	struct session_uses *u = s->session_uses;

	if (u->n == 0)
		return;
	enum err e = session_store_touch(s, u->jtis, u->n);

	if (e == ERR_OK)
		forget(u);
	else if (e != ERR_UNAVAILABLE)
		log_warn("uses of %zu sessions are not written yet: %s", u->n, err_name(e));
}
