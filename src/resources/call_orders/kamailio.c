/*
 * Orders to Kamailio (sip-integration 3.4).
 *
 * A call: it rings the caller's phone, and makes that one call the other (dlg.bridge_dlg).  The end of a call: one BYE to
 * each phone, then the record is cleared, which alone leaves out one of the phones now and then; the event that the proxy
 * does not tell then is told here.  A call that rings still is cancelled, which the proxy tells.
 */
#include "call_orders_priv.h"

#include <inttypes.h>
#include <string.h>

#include "base/json_slice.h"
#include "base/json_writer.h"
#include "service/refusal.h"
#include "service/sip_event.h"
#include "service/sip_request.h"

#define PARAMS_MAX ((size_t)8 << 10)
#define TEXT_MAX   1024
#define NUMBER_MAX 4294967295u
#define STATE_UP   3 /* answered; below it rings, above 4 it has ended */
#define STATE_OVER 5

static enum err order_texts(struct service *s, const char *method, const char *const *texts,
	int64_t until_ms, struct str *ret)
{
	struct json_writer w;
	struct buf params;

	buf_init(&params, PARAMS_MAX);
	json_writer_init(&w, &params);
	json_array_begin(&w);
	for (; *texts; texts++)
		json_text(&w, *texts);
	json_array_end(&w);
	return sip_order(s, method, &params, until_ms, ret);
}

enum err kamailio_call(struct service *s, const char *from_user, const char *to_user,
	const char *domain, int64_t until_ms)
{
	const char *const params[] = { sip_uri_of(s->arena, from_user, domain),
		sip_uri_of(s->arena, to_user, domain),
		arena_printf(s->arena, "sip:%s", s->settings->kamailio_sip), NULL };

	return order_texts(s, "dlg.bridge_dlg", params, until_ms, NULL);
}

/* One end of a call, as the proxy tells it; NULL: it says nothing. */
struct leg {
	const char *uri, *tag, *contact;
	uint64_t cseq;
};

struct dialog {
	uint64_t entry, id, state, seconds;
	struct leg caller, callee;
};

/* What would break a header is as if it was not said. */
static const char *text_of(struct service *s, struct str object, const char *name)
{
	char text[TEXT_MAX];
	struct str value;
	size_t n;

	if (!json_slice_member(object, name, &value) ||
		!json_slice_text(value, text, sizeof(text), &n) || n == 0 ||
		!sip_part_is_safe(text))
		return NULL;
	return arena_strndup(s->arena, text, n);
}

static uint64_t number_of(struct str object, const char *name)
{
	struct str value;
	uint64_t n = 0;

	if (json_slice_member(object, name, &value))
		(void)json_slice_uint(value, NUMBER_MAX, &n);
	return n;
}

static struct leg leg_of(struct service *s, struct str dialog, const char *name, const char *uri)
{
	struct leg leg = { .uri = text_of(s, dialog, uri) };
	const char *cseq;
	struct str side;

	if (!json_slice_member(dialog, name, &side) || json_slice_kind(side) != JSON_OBJECT)
		return leg;
	leg.tag = text_of(s, side, "tag");
	leg.contact = text_of(s, side, "contact");
	cseq = text_of(s, side, "cseq");
	if (!cseq || !str_to_uint(str_from(cseq), NUMBER_MAX - 1, &leg.cseq))
		leg.cseq = 0;
	return leg;
}

/* ERR_NOT_FOUND: there is none; of those it answers with an empty object. */
static enum err find_dialog(
	struct service *s, const char *call_id, int64_t until_ms, struct dialog *ret)
{
	const char *const params[] = { call_id, NULL };
	struct str result;
	enum err e = order_texts(s, "dlg.dlg_list", params, until_ms, &result);

	if (e != ERR_OK)
		return e == ERR_CONFLICT ? ERR_NOT_FOUND : e;
	if (json_slice_kind(result) != JSON_OBJECT)
		return ERR_NOT_FOUND;
	*ret = (struct dialog){ .entry = number_of(result, "h_entry"),
		.id = number_of(result, "h_id"),
		.state = number_of(result, "state"),
		.seconds = number_of(result, "duration"),
		.caller = leg_of(s, result, "caller", "from_uri"),
		.callee = leg_of(s, result, "callee", "to_uri") };
	return ret->state > 0 && ret->state < STATE_OVER ? ERR_OK : ERR_NOT_FOUND;
}

static bool is_whole(const struct leg *leg)
{
	return leg->uri && leg->tag && leg->contact;
}

/* To one end, in the name of the other. */
static enum err send_bye(struct service *s, const struct leg *from, const struct leg *to,
	const char *call_id, int64_t until_ms)
{
	const struct sip_request bye = {
		.method = "BYE",
		.uri = to->contact,
		.from = arena_printf(s->arena, "<%s>;tag=%s", from->uri, from->tag),
		.to = arena_printf(s->arena, "<%s>;tag=%s", to->uri, to->tag),
		.headers = arena_printf(s->arena, "Call-ID: %s\r\nCSeq: %" PRIu64 " BYE\r\n",
			call_id, from->cseq + 1),
		.body = "",
	};

	return sip_request_begin(s, &bye, until_ms);
}

static enum err send_byes(
	struct service *s, const struct dialog *d, const char *call_id, int64_t until_ms)
{
	enum err e;

	if (!is_whole(&d->caller) || !is_whole(&d->callee) || !sip_part_is_safe(call_id))
		return ERR_OK;
	e = send_bye(s, &d->caller, &d->callee, call_id, until_ms);
	return e == ERR_OK ? send_bye(s, &d->callee, &d->caller, call_id, until_ms) : e;
}

/* One that the BYEs have ended already is gone. */
static enum err clear_record(struct service *s, const struct dialog *d, int64_t until_ms)
{
	struct buf params;
	enum err e;

	buf_init(&params, PARAMS_MAX);
	buf_printf(&params, "[%" PRIu64 ",%" PRIu64 "]", d->entry, d->id);
	e = sip_order(s, "dlg.end_dlg", &params, until_ms, NULL);
	return e == ERR_CONFLICT || e == ERR_NOT_FOUND ? ERR_OK : e;
}

static void tell_end(struct service *s, const struct dialog *d, const struct live_call *call,
	const char *linked_id)
{
	struct sip_event event;
	struct json_writer *w = sip_event_begin(&event, "call.end");

	json_pair(w, "call_id", call->call_id);
	json_pair(w, "dlg_id", arena_printf(s->arena, "%" PRIu64 ":%" PRIu64, d->entry, d->id));
	json_pair(w, "linked", linked_id);
	json_pair(w, "from", call->from);
	json_pair(w, "to", call->to);
	json_pair(w, "by", "server");
	json_key(w, "duration");
	json_int(w, (int64_t)d->seconds);
	sip_event_publish(s, &event);
}

static enum err cancel(
	struct service *s, const struct dialog *d, const char *call_id, int64_t until_ms)
{
	const char *const params[] = { call_id, arena_printf(s->arena, "%" PRIu64, d->caller.cseq),
		NULL };
	enum err e = order_texts(s, "tm.cancel", params, until_ms, NULL);

	return e == ERR_CONFLICT ? ERR_NOT_FOUND : e;
}

enum err kamailio_hangup(
	struct service *s, const struct live_call *call, const char *linked_id, int64_t until_ms)
{
	struct dialog d;
	enum err e = find_dialog(s, call->call_id, until_ms, &d);

	if (e != ERR_OK)
		return e;
	if (d.state < STATE_UP)
		return cancel(s, &d, call->call_id, until_ms);
	e = send_byes(s, &d, call->call_id, until_ms);
	if (e == ERR_OK)
		e = clear_record(s, &d, until_ms);
	if (e == ERR_OK)
		tell_end(s, &d, call, linked_id);
	return e;
}
