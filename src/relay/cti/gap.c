#include "gap.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "redis/channel.h"
#include "relay/core/channel.h"
#include "relay/core/leaving.h"
#include "cti_priv.h"
#include "text_hash.h"

/* What Redis has counted may come a little later than the count. */
#define GAP_PATIENCE_MS 1000
#define GAP_BATCH       256
/* Channels looked at for one batch: those of other domains are passed over. */
#define GAP_LOOK 1024

/* No client understands an order to fetch the state again, but all do so when they come back. */
static void resync_members(struct cti_channel *ch)
{
	LIST_FOR_EACH(m, &ch->members, struct cti_member, link)
		if (m->client->live)
			leaving_resync(m->client);
}

/* What was missed may have been the end of any session of the domain. */
static void check_sessions(struct cti_channel *ch)
{
	LIST_FOR_EACH(m, &ch->members, struct cti_member, link)
		CORE_TELL(ch->core, told, m->client);
}

/* One-off events cannot be fetched again; reconnecting would not help. */
static void gap_found(struct cti_channel *ch)
{
	ch->core->counters.gaps++;
	if (channel_is_control(ch))
		check_sessions(ch);
	else if (ch->stateful || !channel_tells_once(ch))
		resync_members(ch);
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
	struct core *core;
	int64_t seen;     /* the channel's sequence when it was asked */
	int64_t sequence; /* the answer; 0: nothing has been counted */
	uint64_t epoch;
	struct str name; /* of the channel */
};

static struct cti_channel *question_channel(const struct question *q)
{
	return channel_find(q->core, q->name);
}

static void take_count(struct cti_channel *ch, const struct question *q)
{
	ch->sequence = q->sequence;
	ch->epoch = q->sequence ? q->epoch : 0;
}

/* Whether the answer needs time: what was counted may be on its way on the other connection. */
static bool compare_counts(struct cti_channel *ch, const struct question *q)
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

/* sequence: NULL when there is no answer; then the channel is asked about again. */
static void take_answer(struct question *q, const struct redis_reply *sequence, uint64_t epoch)
{
	struct cti_channel *ch = question_channel(q);
	bool waits = false;

	if (ch && sequence) {
		q->sequence = sequence->text.p ? strtoll(sequence->text.p, NULL, 10) : 0;
		q->epoch = epoch;
		waits = compare_counts(ch, q);
	} else if (ch && list_is_empty(&ch->unasked)) {
		list_add_tail(&cti_of(q->core)->unasked, &ch->unasked);
	}
	if (waits)
		deadline_set(&q->due, &cti_of(q->core)->gaps, core_now(q->core) + GAP_PATIENCE_MS);
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
	q->core = ch->core;
	q->seen = ch->sequence;
	q->name = (struct str){ (const char *)(q + 1), n };
	deadline_init(&q->due);
	return q;
}

/* Questions about channels of one domain, in one command. */
struct batch {
	struct core *core;
	struct question *questions[GAP_BATCH];
	size_t n;
};

static void on_sequences(void *arg, const struct redis_reply *reply)
{
	struct batch *b = arg;
	struct core *core = b->core;
	bool answered = reply && reply->type == REDIS_LIST && reply->count == b->n + 1;
	uint64_t epoch = answered ? text_hash(reply->items[0].text) : 0;

	for (size_t i = 0; i < b->n; i++)
		take_answer(b->questions[i], answered ? &reply->items[i + 1] : NULL, epoch);
	free(b);
	cti_of(core)->asking = false;
	if (answered)
		gap_ask_some(core);
}

static void send_batch(struct batch *b, struct str domain)
{
	struct core *core = b->core;
	struct str args[GAP_BATCH + 3] = { STR("HMGET"), STR(""), STR("epoch") }, tag;
	struct buf key;

	buf_init(&key, CORE_NAME_MAX);
	channel_of_domain(&key, core->settings->prefix, domain, "seq");
	args[1] = buf_str(&key);
	for (size_t i = 0; i < b->n; i++)
		if (!channel_split(
			    b->questions[i]->name, core->settings->prefix, &tag, &args[i + 3]))
			args[i + 3] = STR("");
	cti_of(core)->asking = true;
	if (pipeline_send(core->commands, (struct redis_command){ args, b->n + 3 }, on_sequences,
		    b) != ERR_OK)
		on_sequences(b, NULL);
	buf_finish(&key);
}

static bool is_next(const struct cti_channel *ch, struct str *domain)
{
	struct str own = STR(""), suffix;

	if (!ch->sub.confirmed ||
		!channel_split(str_from(ch->name), ch->core->settings->prefix, &own, &suffix))
		return false;
	if (!domain->p)
		*domain = own;
	return str_eq(own, *domain);
}

/* One batch is on its way at a time: what is confirmed meanwhile goes into the next. */
void gap_ask_some(struct core *core)
{
	struct cti *cti = cti_of(core);
	struct str domain = { 0 };
	struct batch *b;
	size_t looked = 0;

	if (cti->asking || list_is_empty(&cti->unasked) || !pipeline_is_up(core->commands))
		return;
	b = mem_alloc(sizeof(*b));
	b->core = core;
	LIST_FOR_EACH(ch, &cti->unasked, struct cti_channel, unasked) {
		if (b->n == GAP_BATCH || looked++ == GAP_LOOK)
			break;
		if (!is_next(ch, &domain))
			continue;
		list_remove(&ch->unasked);
		b->questions[b->n++] = question_new(ch);
	}
	if (b->n)
		send_batch(b, domain);
	else
		free(b);
}

/* Has something been missed while the channel was not subscribed? */
static void ask_about_channel(struct cti_channel *ch)
{
	struct str domain, suffix;

	if (!channel_split(str_from(ch->name), ch->core->settings->prefix, &domain, &suffix))
		return;
	if (list_is_empty(&ch->unasked))
		list_add_tail(&cti_of(ch->core)->unasked, &ch->unasked);
	gap_ask_some(ch->core);
}

const struct core_listener gap_listener = {
	.channel_confirmed = ask_about_channel,
};
