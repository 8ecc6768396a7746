#include <stdlib.h>

#include "base/clock.h"
#include "redis/session_copy.h"
#include "permissions/permissions.h"
#include "jobs_priv.h"
#include "resources/profiles/profile.h"

#define COPIES_AT_ONCE ((size_t)500)

enum err permissions_load(
	struct service *s, const int64_t *account_ids, size_t n, struct permission_list *ret)
{
	*ret = (struct permission_list){ NULL, 0 };
	return n ? permissions_of_many(s, account_ids, n, &ret->list, &ret->n) : ERR_OK;
}

const struct account_permissions *permissions_find(
	const struct permission_list *p, int64_t account_id)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->list[i].account_id == account_id)
			return &p->list[i];
	return NULL;
}

/* "id end id end" */
static size_t read_lives(const char *text, const struct permissions *permissions,
	struct arena *arena, struct session_life **ret)
{
	struct message_list words = words_of(text, arena);
	struct session_life *lives = arena_alloc(arena, (words.n / 2 + 1) * sizeof(*lives));

	for (size_t i = 0; i + 1 < words.n; i += 2) {
		int64_t ends_at = strtoll(words.items[i + 1], NULL, 10) * CLOCK_SECOND_US;

		lives[i / 2] = (struct session_life){ words.items[i],
			permissions_end(permissions, ends_at) / CLOCK_SECOND_US };
	}
	*ret = lives;
	return words.n / 2;
}

/* No command holds Redis up for long. */
static enum err change_copies(struct batch *b, const struct event *e,
	const struct account_permissions *account, const struct permissions *permissions)
{
	const struct session_copy m = { .rooms = permissions->rooms,
		.ext = permissions->extensions,
		.cap = permissions->capabilities,
		.pv = permissions->version };
	struct session_life *lives;
	size_t n = read_lives(account->sessions, permissions, b->arena, &lives);
	enum err err = ERR_OK;

	for (size_t i = 0; i < n && err == ERR_OK; i += COPIES_AT_ONCE) {
		size_t some = n - i < COPIES_AT_ONCE ? n - i : COPIES_AT_ONCE;

		err = batch_add(b,
			session_copy_change(b->prefix, e->domain, &m, lives + i, some, b->arena));
	}
	return err;
}

static enum err end_all(struct batch *b, const struct event *e)
{
	struct message m = control_about(e, MESSAGE_REVOKE, b->arena);

	m.all = true;
	return batch_control(b, e, &m);
}

/* Copies first: a relay that looks after the message must find what the message is about. */
enum err permissions_tell(
	struct batch *b, const struct permission_list *p, const struct event *event)
{
	const struct account_permissions *account = permissions_find(p, event->account_id);
	struct message m = control_about(event, MESSAGE_PERM, b->arena);
	struct permissions permissions;
	enum err e;

	if (!account)
		return end_all(b, event);
	permissions = permissions_of_profile(&account->grants, b->arena);
	e = change_copies(b, event, account, &permissions);
	if (e != ERR_OK)
		return e;
	m.rooms = words_of(permissions.rooms, b->arena);
	m.ext = words_of(permissions.extensions, b->arena);
	m.capabilities = words_of(permissions.capabilities, b->arena);
	m.pv = permissions.version;
	e = batch_control(b, event, &m);
	if (e != ERR_LIMIT)
		return e;
	/* More extensions than a message holds: the clients come back and find the copies. */
	m = control_about(event, MESSAGE_RESYNC, b->arena);
	return batch_control(b, event, &m);
}
