#include <string.h>

#include "base/log.h"
#include "redis/channel.h"
#include "cti_priv.h"
#include "base/json_slice.h"

#define DELIVERY_COMPLAIN_MS 1000

/* Every client that got it would close its connection, so it stops here. */
static bool event_is_sound(struct str array)
{
	struct str rest = array, name;

	return json_slice_is_valid(array) && json_slice_kind(array) == JSON_ARRAY &&
	       json_slice_next(&rest, NULL, &name) && json_slice_kind(name) == JSON_STRING &&
	       !sio_name_is_reserved(name);
}

static void complain_of_message(struct cti *cti, const struct cti_channel *ch, enum err e)
{
	int64_t now = cti->ports->now_ms(cti->ports->arg);
	char name[256];

	cti->counters.bad_messages++;
	if (now - cti->complained_ms < DELIVERY_COMPLAIN_MS)
		return;
	cti->complained_ms = now;
	log_warn("message dropped: reason=%s channel=%s", err_name(e),
		log_quote(name, sizeof(name), str_from(ch->name)));
}

/* What decides, beside the message itself, whether a member gets it. */
struct audience {
	const struct message *m;
	const struct cti_channel **skipped; /* users' channels, which sessions have at hand */
	size_t skipped_n;
	bool misleads_old;
};

static bool misleads_old(struct str array)
{
	struct str rest = array, name;

	return json_slice_next(&rest, NULL, &name) && sio_name_misleads_old(name);
}

/* Of a sound event. Users without a session here need no skipping. */
static struct audience audience_of(
	struct cti *cti, const struct cti_channel *ch, const struct message *m)
{
	struct audience a = { m, NULL, 0, misleads_old(m->payload) };
	struct buf name;

	a.skipped = arena_alloc(cti->arena, (m->skip_users.n + 1) * sizeof(struct cti_channel *));
	buf_init(&name, CTI_NAME_MAX);
	for (size_t i = 0; i < m->skip_users.n; i++) {
		struct subscription *sub;

		buf_clear(&name);
		channel_user(&name, cti->settings->prefix, channel_domain(ch),
			str_from(m->skip_users.items[i]));
		sub = subscriber_find(cti->subscriber, buf_str(&name));
		if (sub)
			a.skipped[a.skipped_n++] = LIST_ENTRY(sub, struct cti_channel, sub);
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

static bool is_stale(const struct cti *cti, const struct message *m)
{
	return m->max_age_ms && m->time_ms && cti_wall_us(cti) / 1000 - m->time_ms > m->max_age_ms;
}

/* Whether it is sent. */
static bool offer_frame(const struct audience *a, struct cti_client *c, struct frame *f)
{
	if (!is_for(a, c))
		return false;
	if (a->misleads_old && c->sio->protocol == SIO_PROTOCOL_4) {
		c->cti->counters.withheld++;
		return false;
	}
	sio_emit_frame(c->sio, f);
	c->cti->counters.deliveries++;
	return true;
}

/* What the queues of slow clients need to know: which message makes this one worthless, and whether it
 * is worth waiting for at all. */
static struct frame *frame_of(const struct message *m)
{
	struct frame *f = sio_event_frame(m->payload);

	f->fleeting = m->flags & MESSAGE_VOLATILE;
	if (m->flags & MESSAGE_COALESCE && m->coalesce_key)
		f->state = text_hash(str_from(m->coalesce_key)) | 1;
	return f;
}

/* A relay's own channel and that of all relays have no members: everybody hears them. */
static void deliver_event(struct cti *cti, struct cti_channel *ch, const struct message *m)
{
	struct frame *f = frame_of(m);
	struct audience a = audience_of(cti, ch, m);

	if (ch == cti->node || ch == cti->everybody) {
		LIST_FOR_EACH(c, &cti->round, struct cti_client, round)
			offer_frame(&a, c, f);
	} else {
		LIST_FOR_EACH(member, &ch->members, struct cti_member, link)
			offer_frame(&a, member->client, f);
	}
	frame_unref(&f);
}

void delivery_replay(struct cti_client *c, const struct cti_channel *ch, const struct message *m)
{
	struct audience a;
	struct frame *f;

	if (!event_is_sound(m->payload) || is_stale(c->cti, m))
		return;
	a = audience_of(c->cti, ch, m);
	f = frame_of(m);
	c->cti->counters.replays += offer_frame(&a, c, f);
	frame_unref(&f);
}

static void take_event(struct cti *cti, struct cti_channel *ch, const struct message *m)
{
	catch_up_note(cti, ch, m);
	if (!event_is_sound(m->payload))
		complain_of_message(cti, ch, ERR_PROTOCOL);
	else if (is_stale(cti, m))
		cti->counters.stale_messages++;
	else
		deliver_event(cti, ch, m);
}

static void take_message(struct cti *cti, struct cti_channel *ch, const struct message *m)
{
	gap_note(ch, m);
	if (m->kind == MESSAGE_CONTROL)
		control_run(ch, m);
	else
		take_event(cti, ch, m);
}

void delivery_on_message(void *arg, struct subscription *sub, struct str raw)
{
	struct cti *cti = arg;
	struct cti_channel *ch = LIST_ENTRY(sub, struct cti_channel, sub);
	struct message m;
	enum err e = message_parse(raw, cti->arena, &m);

	cti->counters.messages++;
	if (e != ERR_OK)
		complain_of_message(cti, ch, e);
	else
		take_message(cti, ch, &m);
	arena_reset(cti->arena);
}
