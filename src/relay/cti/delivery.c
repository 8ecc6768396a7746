#include "delivery.h"

#include <string.h>

#include "redis/channel.h"
#include "base/json_slice.h"
#include "relay/core/channel.h"
#include "relay/core/client.h"
#include "cti_priv.h"
#include "text_hash.h"

bool delivery_is_sound(const struct message *m)
{
	struct str array = m->payload, rest = array, name;

	return json_slice_is_valid(array) && json_slice_kind(array) == JSON_ARRAY &&
	       json_slice_next(&rest, NULL, &name) && json_slice_kind(name) == JSON_STRING &&
	       !sio_name_is_reserved(name);
}

/* What decides, beside the message itself, whether a member gets it. */
struct audience {
	const struct message *m;
	const struct cti_channel **skipped; /* users' channels, which clients have at hand */
	size_t skipped_n;
	bool misleads_old;
};

static bool misleads_old(struct str array)
{
	struct str rest = array, name;

	return json_slice_next(&rest, NULL, &name) && sio_name_misleads_old(name);
}

/* Of a sound event. Users without a client here need no skipping. */
static struct audience audience_of(
	struct core *core, const struct cti_channel *ch, const struct message *m)
{
	struct audience a = { m, NULL, 0, misleads_old(m->payload) };
	struct buf name;

	a.skipped = arena_alloc(
		cti_of(core)->arena, (m->skip_users.n + 1) * sizeof(struct cti_channel *));
	buf_init(&name, CORE_NAME_MAX);
	for (size_t i = 0; i < m->skip_users.n; i++) {
		struct cti_channel *user;

		buf_clear(&name);
		channel_user(&name, core->settings->prefix, channel_domain(ch),
			str_from(m->skip_users.items[i]));
		user = channel_find(core, buf_str(&name));
		if (user)
			a.skipped[a.skipped_n++] = user;
	}
	buf_finish(&name);
	return a;
}

static bool is_skipped(const struct audience *a, const struct cti_client *c)
{
	for (size_t i = 0; i < a->skipped_n; i++)
		if (a->skipped[i] == c->self.channel)
			return true;
	return false;
}

static bool is_for(const struct audience *a, const struct cti_client *c)
{
	return c->live && client_is_meant(c, a->m) && !is_skipped(a, c);
}

bool delivery_is_stale(const struct core *core, const struct message *m)
{
	return m->max_age_ms && m->time_ms &&
	       core_wall_us(core) / 1000 - m->time_ms > m->max_age_ms;
}

/* Whether it is sent. */
static bool offer_frame(const struct audience *a, struct cti_client *c, struct frame *f)
{
	if (!is_for(a, c))
		return false;
	if (a->misleads_old && c->sio->protocol == SIO_PROTOCOL_4) {
		c->core->counters.withheld++;
		return false;
	}
	sio_emit_frame(c->sio, f);
	c->core->counters.deliveries++;
	return true;
}

/* What the queues of slow clients need to know: which message makes this one worthless, and whether it
 * is worth waiting for at all.  The newest state of a thing always is, whatever its flags: a client that is
 * not told of it believes the one before for ever. */
struct frame *delivery_frame(const struct message *m)
{
	struct frame *f = sio_event_frame(m->payload);

	f->fleeting = m->flags & MESSAGE_VOLATILE && !m->coalesce_key;
	if (m->flags & MESSAGE_COALESCE && m->coalesce_key)
		f->state = text_hash(str_from(m->coalesce_key)) | 1;
	return f;
}

/* A relay's own channel and that of all relays have no members: every live client hears them. */
void delivery_to_all(struct cti_channel *ch, const struct message *m, delivery_note_fn *note)
{
	struct core *core = ch->core;
	struct frame *f = delivery_frame(m);
	struct audience a = audience_of(core, ch, m);

	if (ch == core->node || ch == core->everybody) {
		LIST_FOR_EACH(c, &core->round, struct cti_client, round)
			offer_frame(&a, c, f);
	} else {
		LIST_FOR_EACH(member, &ch->members, struct cti_member, link)
			if (offer_frame(&a, member->client, f))
				note(member->client, ch, m);
	}
	frame_unref(&f);
}

bool delivery_is_for(struct cti_client *c, const struct cti_channel *ch, const struct message *m)
{
	struct audience a = audience_of(c->core, ch, m);

	return is_for(&a, c);
}

bool delivery_replay(struct cti_client *c, const struct cti_channel *ch, const struct message *m,
	struct frame *f)
{
	struct audience a;

	if (delivery_is_stale(c->core, m))
		return false;
	a = audience_of(c->core, ch, m);
	if (!offer_frame(&a, c, f))
		return false;
	c->core->counters.replays++;
	return true;
}
