#include "core_priv.h"

static bool set(char **text, const char *value)
{
	bool is_new = value && !text_is(*text, value);

	if (is_new)
		owned_text_set(text, value);
	return is_new;
}

static const char *uri_of(const struct pbx_event *e)
{
	return e->contact ? e->contact : "";
}

void registration_add(struct pbx *p, struct device *d, const struct pbx_event *e)
{
	struct contact *c = device_contact_find(d, uri_of(e));
	bool is_new = !c || c->is_gone;

	if (!c)
		c = device_contact_add(d, uri_of(e));
	if (!c) {
		p->figures.refused++;
		return;
	}
	c->is_gone = false;
	c->is_seen = true;
	c->heard_us = p->now_us;
	is_new |= set(&c->user_agent, e->user_agent);
	is_new |= set(&c->ip, e->ip);
	is_new |= set(&c->port, e->port);
	if (is_new)
		update_later(p, d);
	else
		p->figures.repeated++;
}

static void end_contact(struct pbx *p, struct device *d, struct contact *c)
{
	if (!c->is_gone)
		update_later(p, d);
	c->is_gone = true;
	c->heard_us = p->now_us;
}

/* All of them, if the PBX does not say which. */
static void end(struct pbx *p, struct device *d, const struct pbx_event *e)
{
	bool is_every = !e->contact || text_is(e->contact, "*");
	struct contact *c = is_every ? NULL : device_contact_find(d, e->contact);

	LIST_FOR_EACH(every, &d->contacts, struct contact, link)
		if (is_every)
			end_contact(p, d, every);
	if (c) {
		end_contact(p, d, c);
	} else if (!is_every && (c = device_contact_add(d, e->contact)) != NULL) {
		c->is_gone = true;
		c->heard_us = p->now_us;
	}
}

void registration_take(struct pbx *p, const struct pbx_event *e)
{
	struct user *u;
	enum err err = user_find(p, e->of, &u);
	struct device *d = err == ERR_OK ? device_at(p, e->of) : NULL;

	if (!d || d->is_former) {
		/* One that is not known now comes with the next sync. */
		p->figures.unknown_addresses++;
		return;
	}
	if (e->kind == PBX_REGISTERED)
		registration_add(p, d, e);
	else
		end(p, d, e);
}
