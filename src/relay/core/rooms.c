#include "relay/core/rooms.h"

#include <stdlib.h>

#include "base/mem.h"
#include "redis/channel.h"
#include "relay/core/channel.h"

#define ROOMS_MAX 15 /* each has a bit in cti_client.fresh */

static void leave_rooms(struct cti_member *rooms, size_t n)
{
	for (size_t i = 0; i < n; i++)
		channel_leave(&rooms[i]);
	free(rooms);
}

struct names {
	struct buf text[ROOMS_MAX];
	size_t n;
};

static bool name_is_known(const struct names *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(buf_str(&names->text[i]), name))
			return true;
	return false;
}

/* A room named twice is joined once. False: too many rooms or too long a name. */
static bool add_room(struct names *names, const char *prefix, struct str domain, struct str room)
{
	struct buf name;
	bool ok;

	buf_init(&name, CORE_NAME_MAX);
	channel_room(&name, prefix, domain, room);
	ok = !name.overflow;
	if (ok && !name_is_known(names, buf_str(&name))) {
		ok = names->n < ROOMS_MAX;
		if (ok) {
			names->text[names->n++] = name;
			return true;
		}
	}
	buf_finish(&name);
	return ok;
}

static bool list_rooms(struct names *names, const struct cti_client *c, struct str rooms)
{
	bool ok = true;

	while (ok && rooms.p) {
		struct str room = str_split(&rooms, ' ');

		if (room.n)
			ok = add_room(names, c->core->settings->prefix,
				channel_domain(c->self.channel), room);
	}
	return ok;
}

/* Whether one is caught up with the channel, as a member of these rooms. */
static bool is_caught_up(
	const struct cti_member *rooms, size_t n, unsigned fresh, const struct cti_channel *ch)
{
	for (size_t i = 0; i < n; i++)
		if (rooms[i].channel == ch)
			return !(fresh & 1U << i);
	return false;
}

/* The new ones are joined before the old ones are left: a channel in both stays subscribed. */
static void join_rooms(struct cti_client *c, const struct names *names)
{
	struct cti_member *old = c->rooms;
	size_t n = c->room_count;
	unsigned fresh = c->fresh;

	c->rooms = names->n ? mem_alloc(names->n * sizeof(*c->rooms)) : NULL;
	c->room_count = (uint8_t)names->n;
	c->fresh = 0;
	for (size_t i = 0; i < names->n; i++) {
		struct cti_channel *ch = channel_get(c->core, buf_str(&names->text[i]));

		channel_join(ch, &c->rooms[i], c);
		if (!is_caught_up(old, n, fresh, ch))
			c->fresh |= (uint16_t)(1U << i);
	}
	leave_rooms(old, n);
}

void rooms_leave(struct cti_client *c)
{
	leave_rooms(c->rooms, c->room_count);
	c->rooms = NULL;
	c->room_count = 0;
}

enum err rooms_permit(struct cti_client *c, const struct cti_permissions *p)
{
	struct names names = { 0 };
	bool ok = list_rooms(&names, c, p->rooms);

	if (ok) {
		join_rooms(c, &names);
		c->capabilities = p->capabilities;
		if (p->version)
			c->version = p->version;
		CORE_TELL(c->core, permitted, c, p->ext);
	}
	for (size_t i = 0; i < names.n; i++)
		buf_finish(&names.text[i]);
	return ok ? ERR_OK : ERR_LIMIT;
}

enum err rooms_learn(struct cti_client *c, const struct cti_permissions *p)
{
	return p->version > c->version ? rooms_permit(c, p) : ERR_OK;
}
