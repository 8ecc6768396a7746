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

static void complain(struct cti *c, const struct cti_channel *ch, enum err e)
{
	int64_t now = c->ports->now_ms(c->ports->arg);
	char name[256];

	c->counters.bad_messages++;
	if (now - c->complained_ms < DELIVERY_COMPLAIN_MS)
		return;
	c->complained_ms = now;
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
	struct cti *c, const struct cti_channel *ch, const struct message *m)
{
	struct audience a = { m, NULL, 0, misleads_old(m->payload) };
	struct buf name;

	a.skipped = arena_alloc(c->arena, (m->skip_users.n + 1) * sizeof(struct cti_channel *));
	buf_init(&name, CTI_NAME_MAX);
	for (size_t i = 0; i < m->skip_users.n; i++) {
		struct subscription *sub;

		buf_clear(&name);
		channel_user(&name, c->settings->prefix, channel_domain(ch),
			str_from(m->skip_users.items[i]));
		sub = subscriber_find(c->subscriber, buf_str(&name));
		if (sub)
			a.skipped[a.skipped_n++] = LIST_ENTRY(sub, struct cti_channel, sub);
	}
	buf_finish(&name);
	return a;
}

static bool is_skipped(const struct audience *a, const struct cti_session *s)
{
	for (size_t i = 0; i < a->skipped_n; i++)
		if (a->skipped[i] == s->self.channel)
			return true;
	return false;
}

static bool is_for(const struct audience *a, const struct cti_session *s)
{
	return s->live && session_is_meant(s, a->m) && !is_skipped(a, s);
}

static bool is_stale(const struct cti *c, const struct message *m)
{
	return m->max_age_ms && m->time_ms && cti_wall_us(c) / 1000 - m->time_ms > m->max_age_ms;
}

/* Whether it is sent. */
static bool offer(const struct audience *a, struct cti_session *s, struct frame *f)
{
	if (!is_for(a, s))
		return false;
	if (a->misleads_old && s->sio->protocol == SIO_PROTOCOL_4) {
		s->cti->counters.withheld++;
		return false;
	}
	sio_emit_frame(s->sio, f);
	s->cti->counters.deliveries++;
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
static void deliver(struct cti *c, struct cti_channel *ch, const struct message *m)
{
	struct frame *f = frame_of(m);
	struct audience a = audience_of(c, ch, m);

	if (ch == c->node || ch == c->everybody) {
		LIST_FOR_EACH(s, &c->round, struct cti_session, round)
			offer(&a, s, f);
	} else {
		LIST_FOR_EACH(member, &ch->members, struct cti_member, link)
			offer(&a, member->session, f);
	}
	frame_unref(&f);
}

void delivery_replay(struct cti_session *s, const struct cti_channel *ch, const struct message *m)
{
	struct audience a;
	struct frame *f;

	if (!event_is_sound(m->payload) || is_stale(s->cti, m))
		return;
	a = audience_of(s->cti, ch, m);
	f = frame_of(m);
	s->cti->counters.replays += offer(&a, s, f);
	frame_unref(&f);
}

static void take_event(struct cti *c, struct cti_channel *ch, const struct message *m)
{
	catch_up_note(c, ch, m);
	if (!event_is_sound(m->payload))
		complain(c, ch, ERR_PROTOCOL);
	else if (is_stale(c, m))
		c->counters.stale_messages++;
	else
		deliver(c, ch, m);
}

static void take_message(struct cti *c, struct cti_channel *ch, const struct message *m)
{
	gap_note(ch, m);
	if (m->kind == MESSAGE_CONTROL)
		control_run(ch, m);
	else
		take_event(c, ch, m);
}

void delivery_on_message(void *arg, struct subscription *sub, struct str raw)
{
	struct cti *c = arg;
	struct cti_channel *ch = LIST_ENTRY(sub, struct cti_channel, sub);
	struct message m;
	enum err e = message_parse(raw, c->arena, &m);

	c->counters.messages++;
	if (e != ERR_OK)
		complain(c, ch, e);
	else
		take_message(c, ch, &m);
	arena_reset(c->arena);
}
