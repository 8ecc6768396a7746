/*
 * What is known stands in two books: the one that is written in, and the one before it.  A book is closed after
 * some seconds, or when it is full, and the one before it is thrown away as a whole.  Only while the database is
 * away is anything read in an old one.
 */
#include "pbx/user_book.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "store_priv.h"

#define LIFE_MS     5000
#define ENTRIES_MAX 10000
#define BOOK_BYTES  65536
#define HANG_MS     200 /* what takes longer and fails holds up all events */
#define REST_MS     2000

struct entry {
	bool is_ours;
	struct pbx_user user;
};

struct book {
	struct map *entries;
	struct arena *arena;
};

struct user_book {
	struct pg *pg;
	struct book now, before;
	int64_t closes_ms;
	int64_t rests_ms; /* until then the database is not asked: it hangs */
};

static struct book book_new(void)
{
	return (struct book){ map_new(), arena_new(BOOK_BYTES) };
}

static void book_free(struct book *b)
{
	map_free(&b->entries);
	arena_free(&b->arena);
}

struct user_book *user_book_new(struct pg *pg)
{
	struct user_book *u = mem_alloc(sizeof(*u));

	u->pg = pg;
	u->now = book_new();
	u->before = book_new();
	u->closes_ms = clock_ms() + LIFE_MS;
	return u;
}

void user_book_free(struct user_book **u)
{
	if (!*u)
		return;
	book_free(&(*u)->now);
	book_free(&(*u)->before);
	free(*u);
	*u = NULL;
}

static void turn_page(struct user_book *u)
{
	book_free(&u->before);
	u->before = u->now;
	u->now = book_new();
	u->closes_ms = clock_ms() + LIFE_MS;
}

static bool is_closed(const struct user_book *u)
{
	return clock_ms() >= u->closes_ms || map_count(u->now.entries) >= ENTRIES_MAX;
}

static const char *text(struct arena *arena, const char *s)
{
	return s ? arena_strdup(arena, s) : NULL;
}

static struct pbx_user copy_of(const struct pbx_user *user, struct arena *arena)
{
	struct pbx_device *devices = arena_alloc(arena, user->devices_n * sizeof(*devices));
	struct pbx_user copy = *user;

	for (size_t i = 0; i < user->devices_n; i++)
		devices[i] = (struct pbx_device){ text(arena, user->devices[i].exten),
			text(arena, user->devices[i].user), text(arena, user->devices[i].type) };
	copy.username = text(arena, user->username);
	copy.domain = text(arena, user->domain);
	copy.name = text(arena, user->name);
	copy.main_extension = text(arena, user->main_extension);
	copy.voicemail = text(arena, user->voicemail);
	copy.devices = devices;
	return copy;
}

static enum err answer(const struct entry *e, struct arena *arena, struct pbx_user *ret)
{
	if (!e->is_ours)
		return ERR_NOT_FOUND;
	*ret = copy_of(&e->user, arena);
	return ERR_OK;
}

static void write_down(struct user_book *u, struct str key, const struct pbx_user *user)
{
	struct entry *e;

	if (is_closed(u))
		turn_page(u);
	e = arena_alloc(u->now.arena, sizeof(*e));
	e->is_ours = user != NULL;
	if (user)
		e->user = copy_of(user, u->now.arena);
	map_put(u->now.entries, key, e);
}

/* One that is away says so at once, and one that is slow is asked on. */
static enum err asked(struct user_book *u, int64_t began_ms, enum err e)
{
	int64_t now = clock_ms();

	if (e == ERR_UNAVAILABLE && now - began_ms > HANG_MS)
		u->rests_ms = now + REST_MS;
	return e;
}

static enum err ask_user(struct user_book *u, const struct pbx_address *address,
	struct arena *arena, struct pbx_user *ret)
{
	int64_t began = clock_ms();

	return began < u->rests_ms ? ERR_UNAVAILABLE
				   : asked(u, began, pbx_store_user(u->pg, address, arena, ret));
}

static enum err find(
	void *ctx, const struct pbx_address *address, struct arena *arena, struct pbx_user *ret)
{
	struct user_book *u = ctx;
	struct str key = str_from(arena_printf(arena, "%s@%s", address->user, address->domain));
	const struct entry *known = map_get(u->now.entries, key);
	enum err e;

	if (known && !is_closed(u))
		return answer(known, arena, ret);
	e = ask_user(u, address, arena, ret);
	if (e == ERR_OK || e == ERR_NOT_FOUND) {
		write_down(u, key, e == ERR_OK ? ret : NULL);
		return e;
	}
	if (!known)
		known = map_get(u->before.entries, key);
	return known ? answer(known, arena, ret) : ERR_UNAVAILABLE;
}

static enum err presence(
	void *ctx, int64_t account_id, struct arena *arena, struct pbx_presence *ret)
{
	struct user_book *u = ctx;

	int64_t began = clock_ms();

	return began < u->rests_ms
		       ? ERR_UNAVAILABLE
		       : asked(u, began, pbx_store_presence(u->pg, account_id, arena, ret));
}

struct pbx_directory user_book_directory(struct user_book *u)
{
	return (struct pbx_directory){ find, presence, u };
}
