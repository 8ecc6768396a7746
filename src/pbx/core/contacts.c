#include <stdlib.h>

#include "base/mem.h"
#include "core_priv.h"

struct contact *device_contact_find(const struct device *d, const char *uri)
{
	LIST_FOR_EACH(c, &d->contacts, struct contact, link)
		if (text_is(c->uri, uri))
			return c;
	return NULL;
}

/* One that is gone makes room. */
static void make_room(struct device *d)
{
	LIST_FOR_EACH(c, &d->contacts, struct contact, link)
		if (c->is_gone && d->contacts_n >= CONTACTS_MAX)
			device_contact_remove(d, c);
}

struct contact *device_contact_add(struct device *d, const char *uri)
{
	struct contact *c;

	make_room(d);
	if (d->contacts_n >= CONTACTS_MAX)
		return NULL;
	c = mem_alloc(sizeof(*c));
	owned_text_set(&c->uri, uri);
	list_add_tail(&d->contacts, &c->link);
	d->contacts_n++;
	return c;
}

void device_contact_remove(struct device *d, struct contact *c)
{
	list_remove(&c->link);
	d->contacts_n--;
	free(c->uri);
	free(c->user_agent);
	free(c->ip);
	free(c->port);
	free(c);
}

const struct contact *device_contact_newest(const struct device *d)
{
	const struct contact *newest = NULL;

	LIST_FOR_EACH(c, &d->contacts, struct contact, link)
		if (!c->is_gone)
			newest = c;
	return newest;
}
