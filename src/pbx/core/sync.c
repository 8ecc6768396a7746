#include "base/clock.h"
#include "core_priv.h"

/* As long as reports may come late. */
#define TOMBSTONE_US CLOCK_MINUTE_US

typedef void user_fn(struct pbx *p, struct user *u);
typedef void leg_fn(struct pbx *p, struct leg *l);

/* fn may remove any of them. */
static void **all_of(struct pbx *p, const struct map *m, size_t *ret_n)
{
	void **all = arena_alloc(p->arena, map_count(m) * sizeof(*all)), *value;
	struct str key;
	size_t at = 0;

	for (*ret_n = 0; map_next(m, &at, &key, &value);)
		all[(*ret_n)++] = value;
	return all;
}

static void every_user(struct pbx *p, user_fn *fn)
{
	size_t n;
	void **users = all_of(p, p->users, &n);

	for (size_t i = 0; i < n; i++)
		fn(p, users[i]);
}

static void every_leg(struct pbx *p, leg_fn *fn)
{
	size_t n;
	void **legs = all_of(p, p->legs, &n);

	for (size_t i = 0; i < n; i++)
		fn(p, legs[i]);
}

static void unsee_leg(struct pbx *p, struct leg *l)
{
	(void)p;
	l->is_seen = false;
}

static void unsee_contacts(struct pbx *p, struct user *u)
{
	(void)p;
	LIST_FOR_EACH(d, &u->devices, struct device, of_user)
		LIST_FOR_EACH(c, &d->contacts, struct contact, link)
			c->is_seen = false;
}

void pbx_sync_begin(struct pbx *p, int64_t as_of_us)
{
	p->sync_us = as_of_us;
	p->keeps_calls = false;
	p->now_us = as_of_us > p->now_us ? as_of_us : p->now_us;
	every_user(p, unsee_contacts);
	every_leg(p, unsee_leg);
	arena_reset(p->arena);
}

void pbx_sync_registration(struct pbx *p, const struct pbx_event *registered)
{
	struct user *u;
	enum err e = user_find(p, registered->of, &u);
	struct device *d = e == ERR_OK ? device_at(p, registered->of) : NULL;
	struct contact *c =
		d ? device_contact_find(d, registered->contact ? registered->contact : "") : NULL;

	if (!d || d->is_former)
		p->figures.unknown_addresses++;
	else if (c && c->heard_us > p->sync_us)
		c->is_seen = true;
	else
		registration_add(p, d, registered);
	arena_reset(p->arena);
}

static void advance(struct pbx *p, struct leg *l, const struct pbx_event *e)
{
	struct pbx_event now = *e;

	if (l->is_up)
		return;
	leg_rings_on(p, l);
	now.at_us = p->sync_us; /* it rings now, whatever was reported before */
	if (e->kind == PBX_CALL_UP)
		leg_answered(p, l, e);
	else if (e->kind == PBX_CALL_RINGING && e->device.user)
		leg_rings(p, l, &now);
}

static struct leg *begin_unreported(struct pbx *p, const struct pbx_event *call)
{
	struct leg *l = leg_begin(p, call);

	if (l)
		l->heard_us = p->sync_us;
	return l;
}

void pbx_sync_call(struct pbx *p, const struct pbx_event *call)
{
	struct leg *l = leg_find(p, call->call_id);

	p->at_us = call->at_us > 0 ? call->at_us : p->now_us;
	if (!l && call->call_id && !tombstone_is(p, call->call_id))
		l = begin_unreported(p, call);
	if (l) {
		l->is_seen = true;
		if (l->heard_us <= p->sync_us)
			advance(p, l, call);
	}
	arena_reset(p->arena);
}

static void see_leg(struct pbx *p, struct leg *l)
{
	(void)p;
	l->is_seen = true;
}

static void see_contacts(struct pbx *p, struct user *u)
{
	(void)p;
	LIST_FOR_EACH(d, &u->devices, struct device, of_user)
		LIST_FOR_EACH(c, &d->contacts, struct contact, link)
			c->is_seen = true;
}

void pbx_sync_keep_registrations(struct pbx *p)
{
	every_user(p, see_contacts);
	arena_reset(p->arena);
}

void pbx_sync_keep_calls(struct pbx *p)
{
	p->keeps_calls = true;
	every_leg(p, see_leg);
	arena_reset(p->arena);
}

static void end_contacts(struct pbx *p, struct user *u)
{
	LIST_FOR_EACH(d, &u->devices, struct device, of_user)
		LIST_FOR_EACH(c, &d->contacts, struct contact, link) {
			if (c->is_seen || c->heard_us > p->sync_us)
				continue;
			u->is_changed |= !c->is_gone;
			device_contact_remove(d, c);
		}
}

/* Its end was not reported. */
static void end_unseen(struct pbx *p, struct leg *l)
{
	const struct pbx_event gone = { .kind = PBX_CALL_ENDED, .at_us = p->sync_us };

	if (!l->is_seen && l->heard_us <= p->sync_us)
		leg_end(p, l, &gone);
}

/* Its end was not told. */
static void end_remembered(struct pbx *p, struct user *u)
{
	LIST_FOR_EACH(d, &u->devices, struct device, of_user)
		LIST_FOR_EACH(t, &d->talks, struct talk, of_device)
			if (t->is_remembered)
				talk_hang_up(p, t, cause_of(0, true));
}

static void keep_anew(struct pbx *p, struct user *u)
{
	LIST_FOR_EACH(d, &u->devices, struct device, of_user)
		LIST_FOR_EACH(t, &d->talks, struct talk, of_device)
			kept_write(p, t);
}

static void tell_anew(struct pbx *p, struct user *u)
{
	u->is_changed = true;
	u->is_doubtful = true;
	LIST_FOR_EACH(d, &u->devices, struct device, of_user)
		d->told = 0;
	keep_anew(p, u);
}

/* What differs from what was told is told: events were lost, names changed, or jobs read what was not so any
 * more. */
static void tell_changed(struct pbx *p, struct user *u)
{
	if (!u->is_changed)
		return;
	u->is_changed = false;
	LIST_FOR_EACH(d, &u->devices, struct device, of_user)
		update_later(p, d);
}

static void drop_if_idle(struct pbx *p, struct user *u)
{
	user_tidy(p, u);
	if (user_is_idle(u))
		user_drop(p, u);
}

void pbx_sync_end(struct pbx *p, int64_t now_us)
{
	p->now_us = p->at_us = now_us;
	every_user(p, end_contacts);
	every_leg(p, end_unseen);
	every_leg(p, leg_settle);
	if (!p->keeps_calls)
		every_user(p, end_remembered);
	transfers_expire(p);
	if (p->is_untold)
		every_user(p, tell_anew);
	p->is_untold = false;
	every_user(p, tell_changed);
	tombstones_expire(p, p->sync_us - TOMBSTONE_US);
	updates_tell(p);
	every_user(p, drop_if_idle);
	arena_reset(p->arena);
}

void pbx_untold(struct pbx *p)
{
	p->is_untold = true;
}
