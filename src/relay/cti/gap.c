#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bus/channel.h"
#include "cti_priv.h"

/* What Redis has counted may come a little later than the count. */
#define GAP_PATIENCE_MS 1000

uint64_t text_hash(struct str s)
{
	uint64_t h = 0xcbf29ce484222325U;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3U;
	return h;
}

/* No client understands an order to fetch the state again, but all do so when they come back. */
void gap_resync(struct cti_channel *ch)
{
	LIST_FOR_EACH(m, &ch->members, struct cti_member, link)
		if (m->session->live)
			tick_resync(m->session);
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

	if (m->kind == MESSAGE_EVENT && !(m->flags & MESSAGE_ONE_SHOT))
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

/* What Redis says it has counted. The channel it is about may be gone by then. */
struct question {
	struct deadline due; /* when it is compared */
	struct cti *cti;
	int64_t seen;     /* the channel's sequence when it was asked */
	int64_t sequence; /* the answer; 0: nothing has been counted */
	uint64_t epoch;
	struct str name; /* of the channel */
};

static struct cti_channel *question_channel(const struct question *q)
{
	struct subscription *sub = subscriber_find(q->cti->subscriber, q->name);

	return sub ? LIST_ENTRY(sub, struct cti_channel, sub) : NULL;
}

static void take_count(struct cti_channel *ch, const struct question *q)
{
	ch->sequence = q->sequence;
	ch->epoch = q->sequence ? q->epoch : 0;
}

/* Whether the answer needs time: what was counted may be on its way on the other connection. */
static bool compare(struct cti_channel *ch, const struct question *q)
{
	bool first = !ch->asked;

	ch->asked = true;
	if (first) {
		if (!ch->sequence)
			take_count(ch, q);
		return false;
	}
	if (q->seen && q->sequence >= q->seen && q->epoch == ch->epoch)
		return q->sequence > ch->sequence;
	if (q->seen || q->sequence) {
		gap_found(ch);
		take_count(ch, q);
	}
	return false;
}

static void on_sequence(void *arg, const struct redis_reply *reply)
{
	struct question *q = arg;
	struct cti_channel *ch = question_channel(q);
	bool waits = false;

	if (ch && reply && reply->type == REDIS_LIST && reply->count == 2) {
		struct str sequence = reply->items[0].text;

		q->sequence = sequence.p ? strtoll(sequence.p, NULL, 10) : 0;
		q->epoch = text_hash(reply->items[1].text);
		waits = compare(ch, q);
	}
	if (waits)
		deadline_set(&q->due, &q->cti->gaps, cti_now(q->cti) + GAP_PATIENCE_MS);
	else
		free(q);
}

/* What has come meanwhile came without a hole, or the hole is known. */
void gap_on_due(struct deadline *d, int64_t now_ms)
{
	struct question *q = LIST_ENTRY(d, struct question, due);
	struct cti_channel *ch = question_channel(q);

	(void)now_ms;
	if (ch && q->epoch == ch->epoch && ch->sequence < q->sequence) {
		gap_found(ch);
		take_count(ch, q);
	}
	free(q);
}

static struct question *question_new(const struct cti_channel *ch)
{
	size_t n = strlen(ch->name);
	struct question *q = mem_alloc(sizeof(*q) + n);

	memcpy(q + 1, ch->name, n);
	q->cti = ch->cti;
	q->seen = ch->sequence;
	q->name = (struct str){ (const char *)(q + 1), n };
	deadline_init(&q->due);
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
