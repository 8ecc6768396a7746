#include "resources/call_orders/call_orders.h"

#include <string.h>

#include "call_orders_priv.h"
#include "events/outbox.h"
#include "permissions/capability.h"
#include "resources/extensions/extension.h"
#include "resources/profiles/profile.h"
#include "service/refusal.h"
#include "service/sip_request.h"
#include "service/transaction.h"
#include "service/waiting.h"

const struct refusal call_unknown = { 409, "call_unknown", "There is no such call." };

bool call_orders_are_taken(const struct service *s)
{
	return s->settings->call_backend != CALL_BACKEND_NONE;
}

/* What is ordered: all devices of a user, and the one that is meant. */
struct target {
	const struct order_device *devices;
	size_t n;
	const struct order_device *device; /* NULL: the user was named, by the main extension */
};

static enum err check_right(
	struct service *s, const struct identity *by, const struct target *t, const char *needs)
{
	struct profile_grants grants;
	enum err e;

	if (t->devices[0].account_id == by->account_id)
		return ERR_OK;
	e = permissions_of(s, by->account_id, &grants);
	if (e != ERR_OK)
		return e;
	return capability_has(grants.capabilities, needs) ? ERR_OK : ERR_FORBIDDEN;
}

/* What the domain does not have is as what the caller may not order. needs: for devices of others. */
static enum err find_target(struct service *s, const struct identity *by, const char *endpoint_id,
	const char *needs, struct target *ret)
{
	struct order_device *devices;
	enum err e =
		order_store_devices(s, by->domain, endpoint_id, by->account_id, &devices, &ret->n);

	if (e != ERR_OK)
		return e;
	if (ret->n == 0)
		return ERR_FORBIDDEN;
	ret->devices = devices;
	ret->device = NULL;
	for (size_t i = 0; i < ret->n; i++)
		if (devices[i].is_asked)
			ret->device = &devices[i];
	return check_right(s, by, ret, needs);
}

/* The one that was named, else the chosen one, else the first that clients can drive, else the first. */
static const struct order_device *device_of(const struct target *t)
{
	if (t->device)
		return t->device;
	for (size_t i = 0; i < t->n; i++)
		if (t->devices[i].is_chosen)
			return &t->devices[i];
	for (size_t i = 0; i < t->n; i++)
		if (extension_is_driven(t->devices[i].type))
			return &t->devices[i];
	return t->devices;
}

/* An event for the clients of the device's owner, told by dialtone-jobs. */
struct telling {
	int64_t account_id;
	struct client_order_facts facts;
};

static enum err add_event(struct service *s, void *arg)
{
	const struct telling *t = arg;

	return event_add(s, EVENT_CLIENT_ORDERED, t->account_id, &t->facts);
}

static enum err tell(struct service *s, const struct order_device *d, const char *action,
	const char *first, const char *second)
{
	struct telling t = { d->account_id, { action, first, second } };
	enum err e = service_transaction(s, add_event, &t);

	if (e == ERR_OK)
		service_wake(s);
	return e;
}

struct calling {
	const char *from_user, *to_user, *domain;
};

static enum err ask_call(struct service *s, void *arg, int64_t until_ms)
{
	const struct calling *c = arg;
	enum err e = kamailio_call(s, c->from_user, c->to_user, c->domain, until_ms);

	return e == ERR_CONFLICT || e == ERR_NOT_FOUND ? sip_server_is_away(s) : e;
}

enum err call_order_call(struct service *s, const struct identity *by, const struct call_order *o)
{
	struct calling calling = { .to_user = o->number, .domain = by->domain };
	struct target t;
	enum err e = find_target(s, by, o->endpoint_id, "presence_panel.ad_phone", &t);

	if (e != ERR_OK)
		return e;
	const struct order_device *d = device_of(&t);

	if (strcmp(d->type, "webrtc") == 0)
		return tell(s, d, "callWebrtc", o->number, NULL);
	if (strcmp(d->type, "nethlink") == 0)
		return tell(s, d, "actionNethLink", arena_printf(s->arena, "tel:%s", o->number),
			"call");
	calling.from_user = d->sip_name;
	return waiting_for(s, ask_call, &calling);
}

enum err call_order_answer(struct service *s, const struct identity *by, const struct call_order *o)
{
	struct target t;
	enum err e = find_target(s, by, o->endpoint_id, "presence_panel.ad_phone", &t);

	if (e != ERR_OK)
		return e;
	const struct order_device *d = device_of(&t);

	if (strcmp(d->type, "webrtc") == 0)
		return tell(s, d, "answerWebrtc", d->exten, NULL);
	if (strcmp(d->type, "nethlink") == 0)
		return tell(s, d, "actionNethLink", "nethlink://answer", "answer");
	return refused(s, &not_implemented);
}

static bool is_meant(
	struct service *s, const struct conversation *c, const char *convid, bool only_outgoing)
{
	if (!c->linked_id || (only_outgoing && (c->connected || !c->outgoing)))
		return false;
	return !convid || strcmp(c->id, convid) == 0 ||
	       strcmp(conversation_alias(c, s->arena), convid) == 0;
}

/* Of one device, or of all of a user that was named; NULL: there is none. */
static const char *find_call(struct service *s, const struct target *t, const struct str *states,
	const char *convid, bool only_outgoing)
{
	struct exten_state x;

	for (size_t i = 0; i < t->n; i++) {
		if ((t->device && t->device != &t->devices[i]) || !states[i].p ||
			exten_state_read(states[i], s->arena, &x) != ERR_OK)
			continue;
		for (size_t j = 0; j < x.conversations_n; j++)
			if (is_meant(s, &x.conversations[j], convid, only_outgoing))
				return x.conversations[j].linked_id;
	}
	return NULL;
}

struct ending {
	struct live_call call;
	const char *linked_id;
};

static enum err ask_end(struct service *s, void *arg, int64_t until_ms)
{
	const struct ending *end = arg;
	enum err e = kamailio_hangup(s, &end->call, end->linked_id, until_ms);

	return e == ERR_NOT_FOUND ? refused(s, &call_unknown) : e;
}

static enum err end_call(struct service *s, const char *domain, const char *linked_id)
{
	struct live_question q = live_question_of(s->arena, 1);
	struct ending end = { .linked_id = linked_id };
	const struct str *value;

	live_question_add(s->arena, &q, "call", linked_id);
	value = live_answer(s, domain, &q);
	if (!value)
		return ERR_UNAVAILABLE;
	if (!live_call_read(*value, s->arena, &end.call))
		return refused(s, &call_unknown);
	return waiting_for(s, ask_end, &end);
}

enum err call_order_hangup(struct service *s, const struct identity *by, const struct call_order *o,
	bool only_outgoing)
{
	struct live_question q;
	const struct str *states;
	const char *linked_id;
	struct target t;
	enum err e = find_target(s, by, o->endpoint_id, "presence_panel.hangup", &t);

	if (e != ERR_OK)
		return e;
	q = live_question_of(s->arena, t.n);
	for (size_t i = 0; i < t.n; i++)
		live_question_add(s->arena, &q, "exten", t.devices[i].exten);
	states = live_answer(s, by->domain, &q);
	if (!states)
		return ERR_UNAVAILABLE;
	linked_id = find_call(s, &t, states, o->convid, only_outgoing);
	return linked_id ? end_call(s, by->domain, linked_id) : refused(s, &call_unknown);
}
