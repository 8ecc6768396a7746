#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "redis/channel.h"
#include "cti_priv.h"

struct cti_channel *channel_get(struct cti *cti, struct str name)
{
	struct subscription *sub = subscriber_find(cti->subscriber, name);
	struct cti_channel *ch;

	if (sub)
		return LIST_ENTRY(sub, struct cti_channel, sub);
	ch = mem_alloc(sizeof(*ch) + name.n + 1);
	ch->cti = cti;
	memcpy(ch->name, name.p, name.n);
	list_init(&ch->members);
	list_init(&ch->unasked);
	deadline_init(&ch->linger);
	subscriber_add(cti->subscriber, &ch->sub, (struct str){ ch->name, name.n });
	cti->counters.channels++;
	return ch;
}

void channel_free(struct cti_channel *ch)
{
	subscriber_remove(ch->cti->subscriber, &ch->sub);
	list_remove(&ch->unasked);
	deadline_clear(&ch->linger);
	ch->cti->counters.channels--;
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
	struct cti *cti = ch->cti;

	list_remove(&m->link);
	if (list_is_empty(&ch->members))
		deadline_set(&ch->linger, &cti->lingers, cti_now(cti) + cti->settings->linger_ms);
}

struct str channel_domain(const struct cti_channel *ch)
{
	struct str domain = STR(""), suffix;

	if (!channel_split(str_from(ch->name), ch->cti->settings->prefix, &domain, &suffix))
		return STR("");
	return domain;
}

static bool suffix_begins(const struct cti_channel *ch, const char *head)
{
	struct str domain, suffix;

	return channel_split(str_from(ch->name), ch->cti->settings->prefix, &domain, &suffix) &&
	       str_starts(suffix, head);
}

bool channel_is_user(const struct cti_channel *ch)
{
	return suffix_begins(ch, "u:");
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

static void on_confirmed(struct cti_client *c, bool is_user)
{
	if (c->live && c->fresh)
		catch_up_begin(c);
	if (c->login)
		login_continue(c->login);
	else if (is_user && c->live)
		liveness_recheck(c);
}

/* Those who log in go on; those who are logged in may have come into a room, or missed their revocation. */
void channel_on_confirmed(void *arg, struct subscription *sub)
{
	struct cti_channel *ch = LIST_ENTRY(sub, struct cti_channel, sub);
	bool is_user = channel_is_user(ch);

	(void)arg;
	gap_ask(ch);
	LIST_FOR_EACH(m, &ch->members, struct cti_member, link)
		on_confirmed(m->client, is_user);
}
