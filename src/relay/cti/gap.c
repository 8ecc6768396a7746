#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bus/channel.h"
#include "cti_priv.h"

#define RESYNC_RATE_MIN 50

uint64_t text_hash(struct str s)
{
	uint64_t h = 0xcbf29ce484222325U;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3U;
	return h;
}

/* No client understands an order to fetch the state again, but all do so when they come back; over
 * some seconds, lest they all come at once. */
void gap_resync(struct cti_channel *ch)
{
	struct cti *c = ch->cti;
	int64_t rate = (int64_t)channel_member_count(ch) * 1000 / (c->settings->resync_ms + 1) + 1;

	if (rate < RESYNC_RATE_MIN)
		rate = RESYNC_RATE_MIN;
	LIST_FOR_EACH(m, &ch->members, struct cti_member, link)
		if (m->session->live) {
			tick_leave(m->session, rate, SIO_END_RETRY);
			c->counters.resyncs++;
		}
}

/* What was told once cannot be fetched, so nobody is helped by coming back for it. */
static void gap_found(struct cti_channel *ch)
{
	ch->cti->counters.gaps++;
	if (ch->stateful || !channel_is_user(ch))
		gap_resync(ch);
}

void gap_note(struct cti_channel *ch, const struct message *m)
{
	uint64_t epoch = m->epoch ? text_hash(str_from(m->epoch)) : 0;

	if (!(m->flags & MESSAGE_ONE_SHOT))
		ch->stateful = true;
	if (!m->sequence)
		return;
	if (ch->sequence && epoch == ch->epoch && m->sequence <= ch->sequence)
		return;
	if (ch->sequence && (epoch != ch->epoch || m->sequence != ch->sequence + 1))
		gap_found(ch);
	ch->sequence = m->sequence;
	ch->epoch = epoch;
}

/* Name of the channel an answer is about: the channel itself may be gone by then. */
struct question {
	struct cti *cti;
	struct str name;
};

static void compare(struct cti_channel *ch, int64_t sequence, uint64_t epoch)
{
	bool first = !ch->asked;

	ch->asked = true;
	if (first && ch->sequence)
		return;
	if (!first && (ch->sequence != sequence || (sequence && ch->epoch != epoch)))
		gap_found(ch);
	ch->sequence = sequence;
	ch->epoch = sequence ? epoch : 0;
}

static void on_sequence(void *arg, const struct redis_reply *reply)
{
	struct question *q = arg;
	struct subscription *sub = subscriber_find(q->cti->subscriber, q->name);

	if (sub && reply && reply->type == REDIS_LIST && reply->count == 2) {
		struct str sequence = reply->items[0].text;

		compare(LIST_ENTRY(sub, struct cti_channel, sub),
			sequence.p ? strtoll(sequence.p, NULL, 10) : 0,
			text_hash(reply->items[1].text));
	}
	free(q);
}

static struct question *question_new(struct cti_channel *ch)
{
	size_t n = strlen(ch->name);
	struct question *q = mem_alloc(sizeof(*q) + n);

	memcpy(q + 1, ch->name, n);
	*q = (struct question){ ch->cti, { (const char *)(q + 1), n } };
	return q;
}

void gap_ask(struct cti_channel *ch)
{
	struct cti *c = ch->cti;
	struct str domain, suffix;
	struct question *q;
	struct buf key;

	if (!channel_split(str_from(ch->name), c->settings->prefix, &domain, &suffix))
		return;
	q = question_new(ch);
	ch->unasked = false;
	buf_init(&key, CTI_NAME_MAX);
	channel_of_domain(&key, c->settings->prefix, domain, "seq");
	if (pipeline_send(c->commands,
		    REDIS_COMMAND(STR("HMGET"), buf_str(&key), suffix, STR("epoch")), on_sequence,
		    q) != ERR_OK) {
		ch->unasked = true;
		free(q);
	}
	buf_finish(&key);
}

static void ask_if_owed(struct cti_channel *ch)
{
	if (ch->unasked && ch->sub.confirmed)
		gap_ask(ch);
}

void gap_ask_again(struct cti *c)
{
	LIST_FOR_EACH(s, &c->round, struct cti_session, round) {
		if (s->self.channel->unasked)
			roster_recheck(s);
		ask_if_owed(s->self.channel);
		for (size_t i = 0; i < s->room_count; i++)
			ask_if_owed(s->rooms[i].channel);
	}
}
