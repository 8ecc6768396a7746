#include "core_priv.h"

/* One extenUpdate of an extension in this time, cti-api 3.3. */
#define UPDATE_EVERY_US ((int64_t)100000)

void tell(struct pbx *p, const struct user *u, enum event_id kind, const void *facts)
{
	const struct event about = {
		.id = ++p->told_n,
		.kind = event_kinds[kind].name,
		.domain = u->domain,
		.username = u->username,
		.account_id = u->account_id,
		.created_at = p->now_us,
	};

	p->owner.tell(p->owner.ctx, kind, &about, facts);
}

/* What the user has chosen now.  Of a change the one who made it tells, by what the extensions were told to be then.
 * False: it is not known now. */
static bool ask_presence(struct pbx *p, struct user *u)
{
	struct pbx_presence now = { 0 };

	if (!u->account_id)
		return true;
	if (p->owner.directory.presence(p->owner.directory.ctx, u->account_id, p->arena, &now) !=
		ERR_OK)
		return false;
	if (u->main_told && u->chosen && !text_is(u->chosen, now.status))
		owned_text_set(&u->main_told, main_presence(now.status, u->strongest));
	owned_text_set(&u->chosen, now.status);
	owned_text_set(&u->chosen_to, now.to);
	return true;
}

static void tell_main_presence(struct pbx *p, struct user *u)
{
	enum exten_status strongest = user_strongest(u);
	const char *now = main_presence(u->chosen, strongest);
	const struct main_presence_facts facts = { now,
		text_is(now, "callforward") ? u->chosen_to : NULL };

	/* Of users without such a record clients were told only that they are away. */
	if (!u->main_told)
		owned_text_set(&u->main_told, main_presence(u->chosen, EXTEN_OFFLINE));
	u->strongest = strongest;
	if (text_is(u->main_told, now) && !u->is_doubtful)
		return;
	u->is_doubtful = false;
	owned_text_set(&u->main_told, now);
	tell(p, u, EVENT_MAIN_PRESENCE_CHANGED, &facts);
}

void update_later(struct pbx *p, struct device *d)
{
	bool is_quiet = p->now_us < d->told_us || p->now_us - d->told_us >= UPDATE_EVERY_US;

	if (d->due_us)
		return;
	d->due_us = is_quiet ? p->now_us : d->told_us + UPDATE_EVERY_US;
	list_add_tail(&p->waiting, &d->waiting);
}

static void tell_state(struct pbx *p, struct device *d)
{
	struct exten_state x = device_state(d, p->arena);
	uint64_t digest = exten_state_digest(&x);

	if (digest == d->told)
		return;
	p->seq = p->now_us > p->seq ? p->now_us : p->seq + 1;
	x.seq = d->seq = p->seq;
	d->status_told = x.status;
	d->told = digest;
	d->told_us = p->now_us;
	d->user->is_changed = true;
	tell(p, d->user, EVENT_EXTEN_CHANGED, &x);
}

/* In doubt nothing is said of the user, but when it is known again, whatever was said before. */
static void tell_device(struct pbx *p, struct device *d)
{
	struct user *u = d->user;
	bool is_known = ask_presence(p, u);

	tell_state(p, d);
	if (is_known) {
		tell_main_presence(p, u);
		return;
	}
	u->is_doubtful = true;
	u->is_changed = true;
}

void updates_tell(struct pbx *p)
{
	LIST_FOR_EACH(d, &p->waiting, struct device, waiting) {
		/* A clock that was set back does not keep anyone waiting. */
		if (d->due_us > p->now_us && d->due_us - p->now_us <= UPDATE_EVERY_US)
			continue;
		list_remove(&d->waiting);
		d->due_us = 0;
		tell_device(p, d);
		arena_reset(p->arena);
	}
}

int64_t updates_due_us(const struct pbx *p)
{
	int64_t due = INT64_MAX;

	LIST_FOR_EACH(d, &p->waiting, struct device, waiting)
		due = d->due_us < due ? d->due_us : due;
	return due;
}
