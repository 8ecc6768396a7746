#include <stdlib.h>

#include "base/clock.h"
#include "redis/session_copy.h"
#include "permissions/permissions.h"
#include "jobs_priv.h"
#include "resources/profiles/profile.h"

enum err permissions_load(
	struct outbox *o, const struct outbox_event *events, size_t n, struct permission_list *ret)
{
	int64_t *ids = arena_alloc(o->service.arena, n * sizeof(*ids));
	size_t count = 0;

	*ret = (struct permission_list){ NULL, 0 };
	for (size_t i = 0; i < n; i++)
		if (events[i].account_id && !events[i].is_group)
			ids[count++] = events[i].account_id;
	return count ? permissions_of_many(&o->service, ids, count, &ret->list, &ret->n) : ERR_OK;
}

static const struct account_permissions *find(const struct permission_list *p, int64_t account_id)
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

static enum err change_copies(struct outbox *o, const struct outbox_event *event,
	const struct account_permissions *audience, const struct permissions *permissions,
	struct batch *b)
{
	const struct session_copy m = { .rooms = permissions->rooms,
		.ext = permissions->extensions,
		.cap = permissions->capabilities,
		.pv = permissions->version };
	const char *domain = channel_domain(event->channel, o->service.arena);
	struct session_life *lives;
	size_t n = read_lives(audience->sessions, permissions, o->service.arena, &lives);

	return n ? batch_add(b,
			   session_copy_change(o->prefix, domain, &m, lives, n, o->service.arena))
		 : ERR_OK;
}

static struct message message_of(
	const struct outbox_event *event, enum message_op op, struct arena *arena)
{
	struct message m = { .kind = MESSAGE_CONTROL, .op = op };

	message_stamp(&m, event, arena);
	return m;
}

/* Copies first: a relay that looks after the message must find what the message is about. */
enum err permissions_tell(const struct permission_list *p, struct outbox *o,
	const struct outbox_event *event, struct batch *b)
{
	const struct account_permissions *audience = find(p, event->account_id);
	struct message m = message_of(event, MESSAGE_PERM, o->service.arena);
	struct permissions permissions;
	enum err e;

	if (!audience) {
		m.op = MESSAGE_REVOKE;
		m.all = true;
		return batch_publish(b, o->prefix, event->channel, &m);
	}
	permissions = permissions_of_profile(&audience->grants, o->service.arena);
	e = change_copies(o, event, audience, &permissions, b);
	if (e != ERR_OK)
		return e;
	m.rooms = words_of(permissions.rooms, o->service.arena);
	m.ext = words_of(permissions.extensions, o->service.arena);
	m.capabilities = words_of(permissions.capabilities, o->service.arena);
	m.pv = permissions.version;
	e = batch_publish(b, o->prefix, event->channel, &m);
	if (e != ERR_LIMIT)
		return e;
	/* More extensions than a message holds: the clients come back and find the copies. */
	m = message_of(event, MESSAGE_RESYNC, o->service.arena);
	return batch_publish(b, o->prefix, event->channel, &m);
}
