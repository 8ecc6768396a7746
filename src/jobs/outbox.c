#include "jobs/outbox.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "redis/channel.h"
#include "redis/session_copy.h"
#include "jobs_priv.h"
#include "service/job.h"
#include "service/transaction.h"

#define KEY_MAX       1024
#define TEXT_QUOTED   300
#define B2BUA_LIFE_US CLOCK_DAY_US /* by then it has started again, and read all of them */
#define REPLICA_MS    "50"         /* at most, for the end of a session to reach a replica */

static enum event_control control_of(const struct event *e)
{
	const struct event_kind *kind = event_kind_find(e->kind);

	return kind ? kind->control : CONTROL_NONE;
}

/* A relay that asks after the message must not find what the message is about: the copies go first. */
static enum err end_sessions(struct batch *b, const struct event *event)
{
	struct message m = control_about(event, MESSAGE_REVOKE, b->arena);
	enum err e;

	m.jtis = words_of(event->sessions, b->arena);
	e = batch_add(
		b, session_copy_forget(b->prefix, event->domain, m.jtis.items, m.jtis.n, b->arena));
	return e == ERR_OK ? batch_control(b, event, &m) : e;
}

static enum err replace_session(struct batch *b, const struct event *event)
{
	struct message m = control_about(event, MESSAGE_REBIND, b->arena);
	struct message_list both = words_of(event->sessions, b->arena);
	enum err e;

	if (both.n != 2)
		return ERR_INVALID;
	m.old_jti = both.items[0];
	m.new_jti = both.items[1];
	e = batch_add(b, session_copy_forget(b->prefix, event->domain, &m.old_jti, 1, b->arena));
	return e == ERR_OK ? batch_control(b, event, &m) : e;
}

/* What GET /api/user/me answered before is not true any more. The end of a session changes nothing in it. */
static enum err forget_answer(struct batch *b, const struct event_kind *kind, const struct event *e)
{
	struct str *args;
	struct buf name;

	if (!e->username || kind->control == CONTROL_END_SESSIONS ||
		kind->control == CONTROL_REPLACE_SESSION || kind->control == CONTROL_B2BUA)
		return ERR_OK;
	args = arena_alloc(b->arena, 2 * sizeof(*args));
	buf_init(&name, KEY_MAX);
	channel_me(&name, b->prefix, str_from(e->domain), str_from(e->username));
	args[0] = STR("DEL");
	args[1] = (struct str){ arena_strndup(b->arena, name.p, name.n), name.n };
	buf_finish(&name);
	return batch_add(b, (struct redis_command){ args, 2 });
}

static enum err tell(
	struct batch *b, const struct permission_list *permissions, const struct event *e)
{
	const struct event_kind *kind = event_kind_find(e->kind);
	enum err err;

	if (!kind)
		return ERR_INVALID;
	err = forget_answer(b, kind, e);
	if (err != ERR_OK)
		return err;
	switch (kind->control) {
	case CONTROL_END_SESSIONS:
		return end_sessions(b, e);
	case CONTROL_REPLACE_SESSION:
		return replace_session(b, e);
	case CONTROL_PERMISSIONS:
		return permissions_tell(b, permissions, e);
	case CONTROL_PERMISSIONS_OF_PROFILE:
		return ERR_OK; /* they are spread, not told */
	case CONTROL_B2BUA:
		return ERR_OK; /* handed over */
	case CONTROL_NONE:
		break;
	}
	return batch_event(b, kind, e);
}

/* Where dialtone-pbx knows phones, what a user is as a whole is not what they have chosen alone. */
static enum err tell_choice(
	struct batch *b, const struct permission_list *permissions, const struct event *e)
{
	enum err err = forget_answer(b, &event_kinds[EVENT_PRESENCE_CHANGED], e);

	if (err == ERR_OK)
		err = batch_event(b, &event_kinds[EVENT_PRESENCE_CHOSEN], e);
	return err == ERR_OK ? main_presence_tell(b, permissions, e) : err;
}

static enum err tell_as(const struct outbox *o, struct batch *b,
	const struct permission_list *permissions, const struct event *e)
{
	return o->has_pbx && main_presence_is_concerned(e, b->arena)
		       ? tell_choice(b, permissions, e)
		       : tell(b, permissions, e);
}

/* What can be told to no one must not hold up the rest. */
static enum err tell_or_drop(struct outbox *o, struct batch *b,
	const struct permission_list *permissions, const struct event *event)
{
	enum err e = tell_as(o, b, permissions, event);

	if (e != ERR_LIMIT && e != ERR_INVALID)
		return e;
	log_set_request(event->request_id);
	o->figures.dropped++;
	log_error("event %" PRId64 " (%s) was dropped: %s", event->id, event->kind,
		e == ERR_LIMIT ? "it is too large"
			       : "its kind or its facts are not known: are dialtone-api and "
				 "dialtone-jobs of one version?");
	log_set_request(NULL);
	return ERR_OK;
}

/* A fail-over to a replica that has not heard of it would bring a session that has ended back. A user
 * of Redis who may not wait does not. */
static enum err wait_for_replica(struct outbox *o, const struct event *events, size_t n)
{
	struct redis_reply reply;
	bool ends_sessions = false;
	enum err e;

	for (size_t i = 0; i < n; i++)
		ends_sessions |= control_of(&events[i]) != CONTROL_NONE;
	if (!o->has_replicas || !ends_sessions)
		return ERR_OK;
	e = redis_call(o->redis, REDIS_COMMAND(STR("WAIT"), STR("1"), STR(REPLICA_MS)),
		o->service.arena, &reply);
	return e == ERR_INTERNAL ? ERR_OK : e;
}

/* Of those whose permissions changed, or whose devices have to be known. */
static size_t accounts_of(
	const struct outbox *o, const struct event *events, size_t n, int64_t **ret)
{
	struct arena *arena = o->service.arena;
	size_t count = 0;

	*ret = arena_alloc(arena, n * sizeof(**ret));
	for (size_t i = 0; i < n; i++)
		if (control_of(&events[i]) == CONTROL_PERMISSIONS ||
			(o->has_pbx && main_presence_is_concerned(&events[i], arena)))
			(*ret)[count++] = events[i].account_id;
	return count;
}

static enum err publish(struct outbox *o, const struct event *events, size_t n)
{
	struct batch b = { .redis = o->redis, .prefix = o->prefix, .arena = o->service.arena };
	struct permission_list permissions;
	int64_t *accounts;
	size_t count = accounts_of(o, events, n, &accounts);
	enum err e = permissions_load(&o->service, accounts, count, &permissions);

	for (size_t i = 0; i < n && e == ERR_OK; i++)
		e = tell_or_drop(o, &b, &permissions, &events[i]);
	return e == ERR_OK ? batch_flush(&b) : e;
}

static enum err spread(struct service *s, const struct event *events, size_t n, int64_t limit)
{
	int64_t *ids = arena_alloc(s->arena, n * sizeof(*ids));
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (control_of(&events[i]) == CONTROL_PERMISSIONS_OF_PROFILE)
			ids[count++] = events[i].id;
	return count ? outbox_spread(s, ids, count, limit) : ERR_OK;
}

static const struct job_kind b2bua_job = { "flexisip.external_account",
	external_account_facts_fields, false };

/* In the same transaction: neither lost nor done twice for a crash here, and what is told takes no time of
 * the events behind it. */
static enum err hand_over(struct service *s, const struct event *events, size_t n)
{
	const struct event_kind *kind = &event_kinds[EVENT_EXTERNAL_ACCOUNT_CHANGED];
	int64_t expires = clock_wall_us() + B2BUA_LIFE_US;
	const void *facts;
	enum err e = ERR_OK;

	for (size_t i = 0; i < n && e == ERR_OK; i++)
		if (control_of(&events[i]) == CONTROL_B2BUA &&
			event_facts(kind, &events[i], s->arena, &facts) == ERR_OK) {
			log_set_request(events[i].request_id);
			e = job_add(s, &b2bua_job, events[i].domain, 0, expires, facts);
		}
	log_set_request(NULL);
	return e;
}

static enum err forget(struct service *s, const struct event *events, size_t n)
{
	int64_t *ids = arena_alloc(s->arena, n * sizeof(*ids));

	for (size_t i = 0; i < n; i++)
		ids[i] = events[i].id;
	return outbox_delete(s, ids, n);
}

struct moving {
	struct outbox *outbox;
	int64_t batch;
	const struct event *events;
	size_t taken;
};

static enum err move(struct service *s, void *arg)
{
	struct moving *m = arg;
	struct outbox *o = m->outbox;
	struct event *events;
	size_t n;
	bool mine;

	arena_reset(s->arena);
	m->taken = 0;
	enum err e = outbox_lock(s, &mine);

	o->figures.leader = e == ERR_OK && mine;
	if (e != ERR_OK || !mine)
		return e;
	e = outbox_list(s, m->batch, &events, &n);
	if (e != ERR_OK || n == 0)
		return e;
	e = publish(o, events, n);
	if (e == ERR_OK)
		e = wait_for_replica(o, events, n);
	if (e == ERR_OK)
		e = spread(s, events, n, m->batch);
	if (e == ERR_OK && o->has_b2bua)
		e = hand_over(s, events, n);
	if (e == ERR_OK)
		e = forget(s, events, n);
	m->events = events;
	if (e == ERR_OK)
		m->taken = n;
	return e;
}

/* How many, from the first one on, are of one kind and follow from one request. */
static size_t alike(const struct event *events, size_t n)
{
	size_t same = 1;

	while (same < n && strcmp(events[same].kind, events->kind) == 0 &&
		strcmp(events[same].request_id ? events[same].request_id : "",
			events->request_id ? events->request_id : "") == 0)
		same++;
	return same;
}

/* One line for all that are alike: what concerns a whole space is told for each of its users. */
static void log_told(const struct event *e, size_t n)
{
	char domain[TEXT_QUOTED], user[TEXT_QUOTED];

	log_set_request(e->request_id);
	log_fields(LOG_LEVEL_INFO, "told", "id=%" PRId64 " kind=%s domain=%s user=%s n=%zu", e->id,
		e->kind, log_quote(domain, sizeof(domain), str_from(e->domain)),
		n == 1 && e->username ? log_quote(user, sizeof(user), str_from(e->username)) : "-",
		n);
	log_set_request(NULL);
}

static void log_all(const struct event *events, size_t n)
{
	log_collect(true);
	for (size_t i = 0, same; i < n; i += same) {
		same = alike(&events[i], n - i);
		log_told(&events[i], same);
	}
	log_collect(false);
}

enum err outbox_drain(struct outbox *o, int64_t batch, size_t *ret_taken)
{
	struct moving m = { o, batch, NULL, 0 };
	enum err e = service_transaction(&o->service, move, &m);

	if (e != ERR_OK) {
		o->figures.failures++;
		return e;
	}
	o->figures.published += m.taken;
	*ret_taken = m.taken;
	log_all(m.events, m.taken);
	return ERR_OK;
}
