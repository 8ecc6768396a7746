#include "own_extensions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_slice.h"
#include "base/mem.h"
#include "relay/core/client.h"
#include "relay/core/directory.h"
#include "cti_priv.h"
#include "delivery.h"
#include "extension_states.h"

#define STATE_KEY "exten:" /* and the id: what events of its state go by */
#define STATE_MAX (MESSAGE_PAYLOAD_MAX - sizeof("[\"extenUpdate\",]"))

enum own_step {
	OWN_WAITS, /* for the login, or for Redis */
	OWN_ASKED, /* on its way */
	OWN_READ,  /* the echo is on its way */
};

struct own_extension {
	struct str id;       /* in ext */
	struct frame *frame; /* its state; NULL: none is known */
	bool heard;          /* a newer one came */
};

struct cti_own {
	struct list link; /* of the application, once the client is live */
	struct cti_client *client;
	enum own_step step;
	uint64_t echo;
	uint32_t question; /* the last one: answers to earlier ones are void */
	char *ext;         /* behind the struct, separated by spaces */
	size_t n;
	struct own_extension extensions[];
};

struct question {
	struct core *core;
	char sid[SIO_ID_SIZE];
	uint32_t number;
};

static void forget_states(struct cti_own *own)
{
	for (size_t i = 0; i < own->n; i++) {
		frame_unref(&own->extensions[i].frame);
		own->extensions[i].heard = false;
	}
}

static void free_own(struct cti_client *c)
{
	if (!c->own)
		return;
	forget_states(c->own);
	list_remove(&c->own->link);
	free(c->own);
	c->own = NULL;
}

static size_t count_words(struct str rest)
{
	size_t n = 0;

	for (; rest.n && n < EXTENSION_STATES_MAX; n++)
		(void)str_split(&rest, ' ');
	return n;
}

static struct cti_own *own_new(struct cti_client *c, struct str ext)
{
	size_t n = count_words(ext);
	struct cti_own *own = mem_alloc(sizeof(*own) + n * sizeof(own->extensions[0]) + ext.n + 1);
	struct str rest;

	list_init(&own->link);
	own->client = c;
	own->ext = memcpy(&own->extensions[n], ext.p, ext.n);
	rest = str_from(own->ext);
	while (own->n < n)
		own->extensions[own->n++].id = str_split(&rest, ' ');
	return own;
}

static struct frame *state_frame(struct str id, struct str state, struct arena *arena)
{
	struct message m = { .kind = MESSAGE_EVENT, .flags = MESSAGE_COALESCE };

	state = str_trim(state);
	if (state.n > STATE_MAX || !json_slice_is_valid(state) ||
		json_slice_kind(state) != JSON_OBJECT)
		return NULL;
	m.payload = str_from(arena_printf(arena, "[\"extenUpdate\",%.*s]", (int)state.n, state.p));
	m.coalesce_key = arena_printf(arena, STATE_KEY "%.*s", (int)id.n, id.p);
	return delivery_frame(&m);
}

/* Whether there is anything to be told. */
static bool read_states(struct cti_own *own, const struct redis_reply *reply)
{
	struct arena *arena = cti_of(own->client->core)->arena;
	bool any = false;

	for (size_t i = 0; i < reply->count && i < own->n; i++) {
		struct own_extension *x = &own->extensions[i];

		if (reply->items[i].type != REDIS_TEXT)
			continue;
		x->frame = state_frame(x->id, reply->items[i].text, arena);
		any |= x->frame != NULL;
	}
	arena_reset(arena);
	return any;
}

static void take_answer(struct cti_own *own, const struct redis_reply *reply)
{
	struct core *core = own->client->core;

	own->step = OWN_WAITS;
	if (!reply)
		return;
	if (!read_states(own, reply)) {
		free_own(own->client);
		return;
	}
	own->echo = ++cti_of(core)->echoes;
	if (subscriber_echo(core->subscriber, own->echo) == ERR_OK)
		own->step = OWN_READ;
}

static void on_states(void *arg, const struct redis_reply *reply)
{
	struct question *q = arg;
	struct cti_client *c = directory_find(q->core, q->sid);

	if (c && c->own && c->own->step == OWN_ASKED && c->own->question == q->number)
		take_answer(c->own, reply);
	free(q);
}

static void ask(struct cti_own *own)
{
	struct cti_client *c = own->client;
	struct question *q;

	if (own->step != OWN_WAITS || !client_is_confirmed(c))
		return;
	forget_states(own);
	q = mem_alloc(sizeof(*q));
	q->core = c->core;
	q->number = ++own->question;
	snprintf(q->sid, sizeof(q->sid), "%s", c->sio->id);
	own->step = OWN_ASKED;
	if (extension_states_ask(c, str_from(own->ext), on_states, q) != ERR_OK) {
		own->step = OWN_WAITS;
		free(q);
	}
}

static void tell(struct cti_own *own)
{
	struct cti_client *c = own->client;

	for (size_t i = 0; i < own->n; i++) {
		struct own_extension *x = &own->extensions[i];

		if (!x->frame || x->heard)
			continue;
		sio_emit_frame(c->sio, x->frame);
		c->core->counters.replays++;
	}
	free_own(c);
}

void own_extensions_note(
	struct cti_client *c, const struct cti_channel *ch, const struct message *m)
{
	struct str key, id;

	if (!c->own || ch != c->self.channel || !m->coalesce_key)
		return;
	key = str_from(m->coalesce_key);
	if (!str_starts(key, STATE_KEY))
		return;
	id = str_from(m->coalesce_key + strlen(STATE_KEY));
	for (size_t i = 0; i < c->own->n; i++)
		c->own->extensions[i].heard |= str_eq(c->own->extensions[i].id, id);
}

/* A live client hears of an extension that is new by the next event. */
static void on_permitted(struct cti_client *c, struct str ext)
{
	if (c->live)
		return;
	free_own(c);
	if (ext.n)
		c->own = own_new(c, ext);
}

static void on_live(struct cti_client *c, bool first)
{
	if (!first || !c->own)
		return;
	list_add_tail(&cti_of(c->core)->untold, &c->own->link);
	ask(c->own);
}

static void on_client_confirmed(struct cti_client *c, bool orders)
{
	(void)orders;
	if (c->own && c->live)
		ask(c->own);
}

static void on_redis_up(struct core *core)
{
	LIST_FOR_EACH(own, &cti_of(core)->untold, struct cti_own, link)
		ask(own);
}

/* What comes now may have holes. */
static void on_events_down(struct core *core)
{
	LIST_FOR_EACH(own, &cti_of(core)->untold, struct cti_own, link)
		own->step = OWN_WAITS;
}

static void on_echo(struct core *core, uint64_t number)
{
	LIST_FOR_EACH(own, &cti_of(core)->untold, struct cti_own, link) {
		if (own->step == OWN_READ && own->echo == number) {
			tell(own);
			return;
		}
	}
}

const struct core_listener own_extensions_listener = {
	.permitted = on_permitted,
	.live = on_live,
	.client_confirmed = on_client_confirmed,
	.redis_up = on_redis_up,
	.events_down = on_events_down,
	.echo = on_echo,
	.retiring = free_own,
	.gone = free_own,
};
