/* The table of sip:events (sip-integration 3.3), and what their words mean. */
#include <stddef.h>
#include <string.h>

#include "base/json_fields.h"
#include "base/utf8.h"
#include "kamailio_priv.h"

#define MICROS      1000000
#define CODE_MAX    699
#define COUNTER_MAX 1000000
#define UNKNOWN     500 /* code of a call that failed without one */

/* As it stands in the message. */
struct words {
	const char *ev, *aor, *contact, *user_agent, *source;
	const char *call_id, *dlg_id, *linked, *from, *to, *from_name, *device;
	const char *by, *target, *refer_to, *replaces, *body;
	int64_t ts, us, code, hold;
};

static const struct field words_fields[] = {
	FIELD_TEXT(words, ev),
	FIELD_TEXT(words, aor),
	FIELD_TEXT(words, contact),
	FIELD_TEXT(words, user_agent),
	FIELD_TEXT(words, source),
	FIELD_TEXT(words, call_id),
	FIELD_TEXT(words, dlg_id),
	FIELD_TEXT(words, linked),
	FIELD_TEXT(words, from),
	FIELD_TEXT(words, to),
	FIELD_TEXT(words, from_name),
	FIELD_TEXT(words, device),
	FIELD_TEXT(words, by),
	FIELD_TEXT(words, target),
	FIELD_TEXT(words, refer_to),
	FIELD_TEXT(words, replaces),
	FIELD_TEXT(words, body),
	FIELD_INT(words, ts),
	FIELD_INT(words, us),
	FIELD_INT(words, code),
	FIELD_INT(words, hold),
	FIELDS_END,
};

/* One of them being read. */
struct reading {
	const struct words *words;
	struct arena *arena;
	struct pbx_event *event;
};

static bool read_registration(const struct reading *r)
{
	const struct words *w = r->words;
	struct pbx_event *e = r->event;

	e->of = kamailio_address(r->arena, w->aor);
	e->contact = kamailio_contact(r->arena, w->contact);
	e->user_agent = kamailio_text(r->arena, w->user_agent);
	kamailio_place(r->arena, w->source, &e->ip, &e->port);
	return e->of.user && (e->contact || e->kind == PBX_UNREGISTERED);
}

static bool read_call(const struct reading *r)
{
	const struct words *w = r->words;
	struct pbx_event *e = r->event;

	if (!w->call_id || !*w->call_id || strlen(w->call_id) > KAMAILIO_TEXT_MAX)
		return false;
	e->call_id = w->call_id;
	e->dialog = kamailio_text(r->arena, w->dlg_id);
	e->linked_id = kamailio_text(r->arena, w->linked);
	e->from = kamailio_address(r->arena, w->from);
	e->to = kamailio_address(r->arena, w->to);
	e->from_name = kamailio_text(r->arena, w->from_name);
	e->device = kamailio_address(r->arena, w->device);
	e->by = kamailio_address(r->arena, w->by);
	e->hold = w->hold != 0;
	return e->from.user && e->to.user;
}

static bool read_moved_call(const struct reading *r)
{
	const struct words *w = r->words;

	if (!read_call(r))
		return false;
	if (w->code > 0 && w->code <= CODE_MAX)
		r->event->code = w->code;
	r->event->target = kamailio_address(r->arena, w->target ? w->target : w->refer_to);
	r->event->replaces = kamailio_text(r->arena, w->replaces);
	return r->event->by.user && (r->event->target.user || r->event->replaces);
}

static bool read_failed_call(const struct reading *r)
{
	int64_t code = r->words->code;

	r->event->code = code > 0 && code <= CODE_MAX ? code : UNKNOWN;
	return read_call(r);
}

/* "Voice-Message: 2/5 (0/0)" of RFC 3842. */
static bool read_counters(struct str line, struct pbx_event *e)
{
	struct str value = line, name = str_split(&value, ':'), counts, fresh;
	uint64_t n, old;

	if (!value.p || !str_case_is(str_trim(name), "Voice-Message"))
		return false;
	value = str_trim(value);
	counts = str_split(&value, ' ');
	fresh = str_split(&counts, '/');
	if (!counts.p || !str_to_uint(fresh, COUNTER_MAX, &n) ||
		!str_to_uint(str_trim(counts), COUNTER_MAX, &old))
		return false;
	e->voicemail_new = (int64_t)n;
	e->voicemail_old = (int64_t)old;
	return true;
}

/* Without counters the mailbox is empty: "Messages-Waiting: no" alone. */
static bool read_voicemail(const struct reading *r)
{
	struct str rest = str_from(r->words->body);
	bool found = false;

	while (rest.p && !found)
		found = read_counters(str_split(&rest, '\n'), r->event);
	r->event->of = kamailio_address(r->arena, r->words->aor);
	return r->event->of.user && r->words->body;
}

/* read NULL: it is known and of no concern. */
static const struct kind {
	const char *ev;
	enum pbx_event_kind kind;
	bool (*read)(const struct reading *r);
} kinds[] = {
	{ "reg.new", PBX_REGISTERED, read_registration },
	{ "reg.refresh", PBX_REGISTERED, read_registration },
	{ "reg.gone", PBX_UNREGISTERED, read_registration },
	{ "reg.expired", PBX_UNREGISTERED, read_registration },
	{ "reg.removed", PBX_UNREGISTERED, read_registration },
	{ "call.new", PBX_CALL_NEW, read_call },
	{ "call.ringing", PBX_CALL_RINGING, read_call },
	{ "call.up", PBX_CALL_UP, read_call },
	{ "call.media", PBX_CALL_MEDIA, read_call },
	{ "call.forwarded", PBX_CALL_FORWARDED, read_moved_call },
	{ "call.refer", PBX_CALL_REFERRED, read_moved_call },
	{ "call.end", PBX_CALL_ENDED, read_call },
	{ "call.failed", PBX_CALL_ENDED, read_failed_call },
	{ "call.unreachable", PBX_CALL_ENDED, read_failed_call },
	{ "mwi", PBX_VOICEMAIL, read_voicemail },
	{ "presence", PBX_VOICEMAIL, NULL },
	{ NULL, PBX_VOICEMAIL, NULL },
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) <= KAMAILIO_KINDS_MAX, "each has a figure");

const char *kamailio_kind_name(size_t kind)
{
	return kinds[kind].ev;
}

static int64_t time_of(const struct words *w)
{
	if (w->ts <= 0 || w->ts >= INT64_MAX / MICROS - 1)
		return 0;
	return w->ts * MICROS + (w->us >= 0 && w->us < MICROS ? w->us : 0);
}

static const struct kind *kind_of(const char *ev)
{
	for (const struct kind *k = kinds; k->ev; k++)
		if (strcmp(k->ev, ev) == 0)
			return k;
	return NULL;
}

enum err kamailio_event_parse(
	struct str message, struct arena *arena, size_t *ret_kind, struct pbx_event *ret)
{
	struct words words = { 0 };
	const struct reading r = { &words, arena, ret };
	const struct kind *kind;

	if (message.n > KAMAILIO_EVENT_MAX)
		return ERR_LIMIT;
	if (!utf8_is_valid(message.p, message.n) ||
		!json_fields_read(words_fields, str_trim(message), arena, &words) || !words.ev)
		return ERR_INVALID;
	kind = kind_of(words.ev);
	if (!kind || !kind->read)
		return ERR_NOT_FOUND;
	*ret = (struct pbx_event){ .kind = kind->kind, .at_us = time_of(&words) };
	if (!kind->read(&r))
		return ERR_INVALID;
	*ret_kind = (size_t)(kind - kinds);
	return kamailio_is_own(&ret->from) ? ERR_NOT_FOUND : ERR_OK;
}
