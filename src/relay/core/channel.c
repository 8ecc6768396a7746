#include "relay/core/channel.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "redis/channel.h"

struct cti_channel *channel_find(const struct core *core, struct str name)
{
	struct subscription *sub = subscriber_find(core->subscriber, name);

	return sub ? LIST_ENTRY(sub, struct cti_channel, sub) : NULL;
}

struct cti_channel *channel_get(struct core *core, struct str name)
{
	struct cti_channel *ch = channel_find(core, name);

	if (ch)
		return ch;
	ch = mem_alloc(sizeof(*ch) + name.n + 1);
	ch->core = core;
	memcpy(ch->name, name.p, name.n);
	list_init(&ch->members);
	list_init(&ch->unasked);
	deadline_init(&ch->linger);
	subscriber_add(core->subscriber, &ch->sub, (struct str){ ch->name, name.n });
	core->counters.channels++;
	return ch;
}

void channel_free(struct cti_channel *ch)
{
	subscriber_remove(ch->core->subscriber, &ch->sub);
	list_remove(&ch->unasked);
	deadline_clear(&ch->linger);
	ch->core->counters.channels--;
	free(ch);
}

void channel_join(struct cti_channel *ch, struct cti_member *m, struct cti_client *c)
{
	deadline_clear(&ch->linger);
	m->channel = ch;
	m->client = c;
	list_add_tail(&ch->members, &m->link);
}

void channel_leave(struct cti_member *m)
{
	struct cti_channel *ch = m->channel;
	struct core *core = ch->core;

	list_remove(&m->link);
	if (list_is_empty(&ch->members))
		deadline_set(
			&ch->linger, &core->lingers, core_now(core) + core->settings->linger_ms);
}

struct str channel_domain(const struct cti_channel *ch)
{
	struct str domain = STR(""), suffix;

	if (!channel_split(str_from(ch->name), ch->core->settings->prefix, &domain, &suffix))
		return STR("");
	return domain;
}

static bool suffix_begins(const struct cti_channel *ch, const char *head)
{
	struct str domain, suffix;

	return channel_split(str_from(ch->name), ch->core->settings->prefix, &domain, &suffix) &&
	       str_starts(suffix, head);
}

bool channel_is_user(const struct cti_channel *ch)
{
	return suffix_begins(ch, "u:");
}

bool channel_is_room(const struct cti_channel *ch)
{
	return suffix_begins(ch, "r:");
}

bool channel_is_control(const struct cti_channel *ch)
{
	struct str domain, suffix;

	return channel_split(str_from(ch->name), ch->core->settings->prefix, &domain, &suffix) &&
	       str_is(suffix, "ctl");
}

bool channel_tells_once(const struct cti_channel *ch)
{
	return channel_is_user(ch) || suffix_begins(ch, "r:stt.");
}

size_t channel_member_count(const struct cti_channel *ch)
{
	size_t n = 0;

	for (const struct list *l = ch->members.next; l != &ch->members; l = l->next)
		n++;
	return n;
}

void channel_on_linger(struct deadline *d, int64_t now_ms)
{
	(void)now_ms;
	channel_free(LIST_ENTRY(d, struct cti_channel, linger));
}

/* Members may be waiting for it, or may have missed something while it was not. */
void channel_on_confirmed(void *arg, struct subscription *sub)
{
	struct cti_channel *ch = LIST_ENTRY(sub, struct cti_channel, sub);
	struct core *core = ch->core;
	bool orders = channel_is_control(ch);

	(void)arg;
	CORE_TELL(core, channel_confirmed, ch);
	LIST_FOR_EACH(m, &ch->members, struct cti_member, link)
		CORE_TELL(core, client_confirmed, m->client, orders);
}
