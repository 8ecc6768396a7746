#include <stdlib.h>

#include "core_priv.h"

struct pbx_address party_address(const struct party *x)
{
	return (struct pbx_address){ x->user, x->domain };
}

const char *party_number(const struct party *x)
{
	return x->known ? x->known->main_extension : x->user ? x->user : "";
}

const char *party_name(const struct party *x)
{
	return x->known ? x->known->name : x->name;
}

void talk_name_counterpart(struct talk *t, const struct party *other)
{
	owned_text_set(&t->counterpart_num, party_number(other));
	owned_text_set(&t->counterpart_name, party_name(other));
}

/* Who calls with the account's own name sits at the telephone that stands for it. */
static struct device *device_of(struct pbx *p, const struct user *u, struct pbx_address a)
{
	struct device *d = device_at(p, a);

	if (d && d->user == u)
		return d;
	d = user_device(u, u->main_extension);
	if (d || list_is_empty(&u->devices))
		return d;
	return LIST_ENTRY(u->devices.next, struct device, of_user);
}

void party_resolve(struct pbx *p, struct party *to)
{
	struct user *u = NULL;
	enum err e = user_find(p, party_address(to), &u);

	to->is_open = e != ERR_OK && e != ERR_NOT_FOUND;
	if (e != ERR_OK)
		return;
	u->refs++;
	to->known = u;
	to->device = device_of(p, u, party_address(to));
}

void party_set(struct pbx *p, struct party *to, struct pbx_address a, const char *name)
{
	party_finish(to);
	owned_text_set(&to->user, a.user);
	owned_text_set(&to->domain, a.domain);
	owned_text_set(&to->name, name);
	if (a.user && a.domain)
		party_resolve(p, to);
}

void party_copy(struct party *to, const struct party *from)
{
	struct party copy = {
		.known = from->known, .device = from->device, .is_open = from->is_open
	};

	owned_text_set(&copy.user, from->user);
	owned_text_set(&copy.domain, from->domain);
	owned_text_set(&copy.name, from->name);
	if (copy.known)
		copy.known->refs++;
	party_finish(to);
	*to = copy;
}

void party_finish(struct party *x)
{
	if (x->known)
		x->known->refs--;
	free(x->user);
	free(x->domain);
	free(x->name);
	*x = (struct party){ 0 };
}

bool party_is_at(const struct party *x, struct pbx_address a)
{
	return a.user && text_is(x->user, a.user) && text_is(x->domain, a.domain);
}

bool party_is(const struct party *a, const struct party *b)
{
	return (a->known && a->known == b->known) || party_is_at(a, party_address(b));
}
