#include <stdlib.h>

#include "base/mem.h"
#include "core_priv.h"

#define MICROS_PER_MILLI 1000
#define SHOWN_MAX        64 /* conversations: an update fits into what a relay takes */
#define DIGEST_MAX       (256 << 10)

struct device *device_new(struct user *u, const struct pbx_device *of)
{
	struct device *d = mem_alloc(sizeof(*d));

	d->user = u;
	d->status_told = EXTEN_OFFLINE;
	owned_text_set(&d->exten, of->exten);
	owned_text_set(&d->sip_user, of->user);
	owned_text_set(&d->type, of->type);
	list_init(&d->contacts);
	list_init(&d->talks);
	list_init(&d->waiting);
	list_add_tail(&u->devices, &d->of_user);
	return d;
}

void device_free(struct device *d)
{
	LIST_FOR_EACH(t, &d->talks, struct talk, of_device)
		talk_free(t);
	LIST_FOR_EACH(c, &d->contacts, struct contact, link)
		device_contact_remove(d, c);
	list_remove(&d->of_user);
	list_remove(&d->waiting);
	free(d->exten);
	free(d->sip_user);
	free(d->type);
	free(d);
}

bool device_is_idle(const struct device *d)
{
	return list_is_empty(&d->talks) && d->contacts_n == 0 && !d->due_us;
}

/* What of a device's calls counts for its status. */
struct activity {
	size_t engaged, held, ringing;
};

static struct activity activity_of(const struct device *d)
{
	struct activity a = { 0 };

	LIST_FOR_EACH(t, &d->talks, struct talk, of_device) {
		bool is_engaged = t->outgoing || t->connected;

		a.engaged += is_engaged;
		a.held += is_engaged && t->on_hold;
		a.ringing += !is_engaged;
	}
	return a;
}

enum exten_status device_status(const struct device *d)
{
	struct activity a = activity_of(d);

	if (a.engaged && a.ringing)
		return EXTEN_BUSY_RINGING;
	if (a.engaged)
		return a.held == a.engaged ? EXTEN_ON_HOLD : EXTEN_BUSY;
	if (a.ringing)
		return EXTEN_RINGING;
	return device_contact_newest(d) && !d->is_former ? EXTEN_ONLINE : EXTEN_OFFLINE;
}

/* Clients read the first one only: connected ones first, then the oldest. */
static int in_order(const void *a, const void *b)
{
	const struct talk *x = *(const struct talk *const *)a, *y = *(const struct talk *const *)b;
	int64_t from_x = x->connected ? x->connected_us : x->start_us;
	int64_t from_y = y->connected ? y->connected_us : y->start_us;

	if (x->connected != y->connected)
		return y->connected - x->connected;
	return (from_x > from_y) - (from_x < from_y);
}

static size_t sorted_talks(const struct device *d, struct arena *arena, const struct talk ***ret)
{
	size_t n = 0;

	LIST_FOR_EACH(t, &d->talks, struct talk, of_device)
		n++;
	*ret = arena_alloc(arena, n * sizeof(**ret));
	n = 0;
	LIST_FOR_EACH(t, &d->talks, struct talk, of_device)
		(*ret)[n++] = t;
	qsort(*ret, n, sizeof(**ret), in_order);
	return n;
}

static struct conversation conversation_of(const struct talk *t)
{
	return (struct conversation){
		.id = t->id,
		.linked_id = t->linked_id,
		.unique_id = t->unique_id,
		.counterpart_num = t->counterpart_num,
		.counterpart_name = t->counterpart_name,
		.source_channel = t->source_channel,
		.dest_channel = t->dest_channel,
		.outgoing = t->outgoing,
		.connected = t->connected,
		.on_hold = t->on_hold,
		.start_ms = t->start_us / MICROS_PER_MILLI,
	};
}

static void put_conversations(const struct device *d, struct arena *arena, struct exten_state *ret)
{
	const struct talk **talks;
	size_t n = sorted_talks(d, arena, &talks);
	struct conversation *list;

	n = n < SHOWN_MAX ? n : SHOWN_MAX;
	list = arena_alloc(arena, n * sizeof(*list));
	for (size_t i = 0; i < n; i++)
		list[i] = conversation_of(talks[i]);
	ret->conversations = list;
	ret->conversations_n = n;
}

struct exten_state device_state(const struct device *d, struct arena *arena)
{
	const struct contact *c = device_contact_newest(d);
	struct exten_state x = {
		.exten = d->exten,
		.name = d->user->name,
		.username = d->user->username,
		.status = device_status(d),
		.ip = c && c->ip ? c->ip : "",
		.port = c && c->port ? c->port : "",
		.user_agent = c && c->user_agent ? c->user_agent : "",
		.dnd = text_is(d->user->chosen, "dnd"),
	};

	put_conversations(d, arena, &x);
	return x;
}

uint64_t exten_state_digest(const struct exten_state *x)
{
	struct exten_state timeless = *x;
	struct json_writer w;
	struct buf text;
	uint64_t digest;

	timeless.seq = 0;
	buf_init(&text, DIGEST_MAX);
	json_writer_init(&w, &text);
	exten_state_write(&w, &timeless, VIEW_CLEAR, 0);
	digest = (uint64_t)name_hash(text.p, 0) << 32 | name_hash(text.p, 1);
	buf_finish(&text);
	return digest;
}
