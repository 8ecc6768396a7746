#include "resources/statistics/statistics.h"

#include "base/buf.h"
#include "base/json_writer.h"
#include "base/sip_address.h"
#include "resources/spaces/space.h"
#include "service/refusal.h"
#include "statistics_priv.h"

#define DEVICES_JSON_MAX ((size_t)1 << 20)

const struct refusal statistics_id_taken = { 400, "statistics_id_taken",
	"A record with this id is there already." };
const struct refusal statistics_unknown = { 400, "statistics_unknown",
	"There is no record with this id." };
const struct refusal statistics_devices_full = { 400, "statistics_devices_full",
	"This record cannot hold more devices." };

static enum err home_of(struct service *s, const struct reporter *by, const char *from_domain,
	const char **ret_domain)
{
	const struct space *named = NULL;
	enum err e = by->super ? space_by_domain(s, from_domain, &named) : ERR_OK;

	if (e == ERR_OK)
		*ret_domain = named ? named->domain : by->space->domain;
	return e;
}

enum err message_add(struct service *s, const struct reporter *by, const struct message_input *in)
{
	const struct sip_address from = sip_address_from_uri(s->arena, str_from(in->from));
	struct message m = { .id = in->id,
		.from_username = from.user,
		.from_domain = from.domain,
		.sent_at = in->sent_at,
		.encrypted = in->encrypted,
		.conference_id = in->conference_id };
	enum err e = home_of(s, by, from.domain, &m.domain);

	if (e == ERR_OK)
		e = message_store_insert(s, &m);
	return e == ERR_CONFLICT ? refused(s, &statistics_id_taken) : e;
}

enum err call_add(struct service *s, const struct reporter *by, const struct call_input *in)
{
	const struct sip_address from = sip_address_from_uri(s->arena, str_from(in->from));
	const struct sip_address to = sip_address_from_uri(s->arena, str_from(in->to));
	struct call call = { .id = in->id,
		.from_username = from.user,
		.from_domain = from.domain,
		.to_username = to.user,
		.to_domain = to.domain,
		.initiated_at = in->initiated_at,
		.ended_at = in->ended_at,
		.conference_id = in->conference_id };
	enum err e = home_of(s, by, from.domain, &call.domain);

	if (e == ERR_OK)
		e = call_store_insert(s, &call);
	return e == ERR_CONFLICT ? refused(s, &statistics_id_taken) : e;
}

/* The record may have gone since it was found. */
static enum err device_refusal(struct service *s, enum err e)
{
	if (e == ERR_CONFLICT)
		return refused(s, &statistics_unknown);
	return e == ERR_NOT_FOUND ? refused(s, &statistics_devices_full) : e;
}

enum err message_device_put(struct service *s, const struct message *m,
	const struct message_device_input *in, struct message_device *ret)
{
	const struct sip_address to = sip_address_from_uri(s->arena, str_from(in->to));
	const struct message_device d = { .message = m->number,
		.to_username = to.user,
		.to_domain = to.domain,
		.device_id = in->device_id,
		.last_status = in->last_status,
		.received_at = in->received_at };
	enum err e = message_device_store_put(s, &d, ret);

	ret->message_id = m->id;
	return device_refusal(s, e);
}

/* An end has both a time and a state. */
static enum err check_end(struct service *s, const struct call_device_input *in)
{
	if (in->invite_terminated_state && !in->invite_terminated_at)
		field_errors_add(s->errors, "invite_terminated.at", &text_required);
	if (in->invite_terminated_at && !in->invite_terminated_state)
		field_errors_add(s->errors, "invite_terminated.state", &text_required);
	return s->errors->count ? ERR_INVALID : ERR_OK;
}

enum err call_device_put(struct service *s, const struct call *call,
	const struct call_device_input *in, struct call_device *ret)
{
	const struct call_device d = { .call = call->number,
		.device_id = in->device_id,
		.rang_at = in->rang_at,
		.invite_terminated_at = in->invite_terminated_at,
		.invite_terminated_state = in->invite_terminated_state };
	enum err e = check_end(s, in);

	if (e == ERR_OK)
		e = device_refusal(s, call_device_store_put(s, &d, ret));
	ret->call_id = call->id;
	return e;
}

static const char *devices_json(struct service *s, const char *call_id, const struct rows *devices)
{
	struct call_device *d = devices->items;
	struct json_writer w;
	struct buf b;

	buf_init(&b, DEVICES_JSON_MAX);
	json_writer_init(&w, &b);
	json_array_begin(&w);
	for (size_t i = 0; i < devices->n; i++) {
		d[i].call_id = call_id;
		json_object_begin(&w);
		json_fields(&w, call_device_fields, &d[i], READER_ANY);
		json_object_end(&w);
	}
	json_array_end(&w);
	return buf_to_arena(&b, s->arena);
}

enum err call_end(struct service *s, const struct call *call, int64_t ended_at, struct call *ret)
{
	struct call changed = *call;
	struct rows devices;

	changed.ended_at = ended_at;
	enum err e = call_store_end(s, &changed, ret);

	if (e == ERR_OK)
		e = call_device_store_list(s, call, &devices);
	if (e == ERR_OK)
		ret->devices = devices_json(s, call->id, &devices);
	return e;
}
