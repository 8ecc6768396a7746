#include "routing.h"

#include <string.h>

#include "base/event_name.h"
#include "base/json_slice.h"
#include "redis/channel.h"
#include "relay/core/channel.h"

#define NAME_SIZE 32 /* longer than any name that means something here */

enum place { EVENTS = 1, DOMAIN_ORDERS = 2, NODE = 4, EVERYBODY = 8 };

static enum place place_of(const struct cti_channel *ch)
{
	if (ch == ch->core->node)
		return NODE;
	if (ch == ch->core->everybody)
		return EVERYBODY;
	return channel_is_control(ch) ? DOMAIN_ORDERS : EVENTS;
}

static bool order_fits(enum place place, enum message_op op)
{
	static const unsigned places[] = {
		[MESSAGE_REVOKE] = DOMAIN_ORDERS,
		[MESSAGE_REBIND] = DOMAIN_ORDERS,
		[MESSAGE_PERM] = DOMAIN_ORDERS,
		[MESSAGE_TAKEOVER] = NODE,
		[MESSAGE_TAKEN] = NODE,
		[MESSAGE_KICK] = NODE | DOMAIN_ORDERS,
		[MESSAGE_DRAIN] = NODE | EVERYBODY,
		[MESSAGE_RESYNC] = DOMAIN_ORDERS | EVERYBODY,
		[MESSAGE_ROLL_CALL] = NODE,
	};

	return places[op] & place;
}

/* The name is what the clients will read, whatever the header says; one with an escape in it could be
 * read otherwise by one of them. */
static bool event_fits(enum place place, const struct message *m)
{
	struct str rest = m->payload, name;
	char text[NAME_SIZE];
	size_t n;

	if (!json_slice_next(&rest, NULL, &name) || memchr(name.p, '\\', name.n))
		return false;
	if (!json_slice_text(name, text, sizeof(text), &n))
		return true;
	if (event_name_is_of_relays(text))
		return false;
	return !event_name_acts(text) || (place == DOMAIN_ORDERS && m->user);
}

bool routing_permits(const struct cti_channel *ch, const struct message *m, bool bare)
{
	enum place place = place_of(ch);

	if (m->kind == MESSAGE_CONTROL)
		return order_fits(place, m->op);
	return (!bare || place == EVENTS) && event_fits(place, m);
}

struct cti_channel *routing_target(struct cti_channel *ch, const struct message *m)
{
	struct core *core = ch->core;
	struct cti_channel *user;
	struct buf name;

	if (!m->user || place_of(ch) != DOMAIN_ORDERS)
		return ch;
	buf_init(&name, CORE_NAME_MAX);
	channel_user(&name, core->settings->prefix, channel_domain(ch), str_from(m->user));
	user = channel_find(core, buf_str(&name));
	buf_finish(&name);
	return user;
}
