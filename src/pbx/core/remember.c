#include "core_priv.h"

#define MICROS_PER_MILLI 1000

/* Reports may have come first. */
static bool has_talk(const struct device *d, const struct conversation *c)
{
	LIST_FOR_EACH(t, &d->talks, struct talk, of_device)
		if (t->is_remembered
				? text_is(t->id, c->id)
				: text_is(t->linked_id, c->linked_id) && t->outgoing == c->outgoing)
			return true;
	return false;
}

/* Clients show it: a call takes it up, or the sync ends it. */
static void remember_talk(struct pbx *p, struct device *d, const struct conversation *c)
{
	struct talk *t = talk_new(d, c->outgoing);

	owned_text_set(&t->id, c->id);
	owned_text_set(&t->linked_id, c->linked_id);
	owned_text_set(&t->unique_id, c->unique_id);
	owned_text_set(&t->counterpart_num, c->counterpart_num);
	owned_text_set(&t->counterpart_name, c->counterpart_name);
	owned_text_set(&t->source_channel, c->source_channel);
	owned_text_set(&t->dest_channel, c->dest_channel);
	t->connected = c->connected;
	t->on_hold = c->on_hold;
	t->start_us = t->connected_us = c->start_ms * MICROS_PER_MILLI;
	t->is_remembered = true;
	kept_add(p, t);
}

static void remember_state(struct pbx *p, struct device *d, const struct exten_state *x)
{
	bool is_first = d->seq == 0;

	if (x->seq <= d->seq && !is_first)
		return;
	d->told = exten_state_digest(x);
	d->status_told = x->status;
	d->seq = x->seq;
	d->user->is_changed = true;
	for (size_t i = 0; is_first && i < x->conversations_n; i++)
		if (!has_talk(d, &x->conversations[i]))
			remember_talk(p, d, &x->conversations[i]);
}

static bool is_of_interest(const struct exten_state *x, const char *main)
{
	return x->status != EXTEN_OFFLINE || x->conversations_n || text_is(main, "online") ||
	       text_is(main, "busy") || text_is(main, "ringing");
}

static struct user *user_told_of(struct pbx *p, const char *domain, const struct exten_state *x)
{
	struct user *u;
	enum err e = user_find(p, (struct pbx_address){ x->username, domain }, &u);

	if (e == ERR_OK && user_device(u, x->exten))
		return u;
	return e == ERR_OK || e == ERR_NOT_FOUND ? user_former(p, domain, x) : NULL;
}

static void remember_main(struct user *u, const char *main)
{
	if (!main || text_is(u->main_told, main))
		return;
	owned_text_set(&u->main_told, main);
	u->is_changed = true;
}

void pbx_remember(
	struct pbx *p, const char *domain, const struct exten_state *x, const char *main_presence)
{
	struct user *u;

	p->seq = x->seq > p->seq ? x->seq : p->seq;
	u = is_of_interest(x, main_presence) ? user_told_of(p, domain, x) : NULL;
	if (u) {
		remember_main(u, main_presence);
		remember_state(p, user_device(u, x->exten), x);
	}
	arena_reset(p->arena);
}
