#include "resources/calls/history.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/iso8601.h"
#include "base/json_writer.h"
#include "calls_priv.h"
#include "permissions/capability.h"
#include "permissions/mask.h"
#include "resources/extensions/fields.h"
#include "resources/profiles/profile.h"
#include "service/refusal.h"

/* More than HISTORY_LIMIT_MAX calls with texts as long as they may be, each of whose bytes may become six. */
#define ROWS_MAX_BYTES ((size_t)64 << 20)
#define MASK_LENGTH    3 /* of permissions/mask.h */
#define DAY_LENGTH     8 /* YYYYMMDD */
#define PRIVACY        "nethvoice_cti.privacy"

static bool is_day(const char *day)
{
	int64_t us;

	return strlen(day) == DAY_LENGTH && strspn(day, "0123456789") == DAY_LENGTH &&
	       iso8601_parse(str_from(day), &us);
}

/* A client encodes it once too often ("time%20desc"). */
static enum err order_of(struct service *s, const char *sort, enum call_order *ret)
{
	static const struct {
		const char *sort;
		enum call_order order;
	} orders[] = { { "time desc", CALLS_NEWEST_FIRST }, { "time_desc", CALLS_NEWEST_FIRST },
		{ "time asc", CALLS_OLDEST_FIRST }, { "time_asc", CALLS_OLDEST_FIRST },
		{ "time", CALLS_OLDEST_FIRST } };
	struct str word = str_from(sort ? sort : "time desc");

	if (!percent_decode_text(s->arena, word, PERCENT_PLUS, &word))
		return ERR_BAD_REQUEST;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (word.n == strlen(orders[i].sort) &&
			strncasecmp(word.p, orders[i].sort, word.n) == 0) {
			*ret = orders[i].order;
			return ERR_OK;
		}
	return ERR_BAD_REQUEST;
}

static bool is_user(const struct history_query *q)
{
	return q->type && strcmp(q->type, "user") == 0;
}

/* A space has calls of its own no more than those of others. */
static bool is_own(const struct history_reader *by, const struct history_query *q)
{
	if (!q->type)
		return false;
	if (is_user(q))
		return strcmp(q->target, by->username) == 0;
	return strcmp(q->target, by->main_extension) == 0 ||
	       capability_has(by->extensions, q->target);
}

static bool is_understood(const struct history_query *q)
{
	if (!q->from || !q->to || !is_day(q->from) || !is_day(q->to))
		return false;
	if (!q->type || is_user(q))
		return true;
	return strcmp(q->type, "extension") == 0 && !extension_check(str_from(q->target));
}

/* The main extension stands for all devices of its user. */
static void choose_calls(
	struct call_query *to, const struct history_reader *by, const struct history_query *q)
{
	if (is_own(by, q)) {
		to->account_id = by->account_id;
		if (!is_user(q) && strcmp(q->target, by->main_extension) != 0)
			to->exten = q->target;
	} else if (q->type) {
		*(is_user(q) ? &to->username : &to->number) = q->target;
	}
}

/* What is hidden from those with the privacy flag they cannot search for either. */
static int64_t hidden_from(const struct history_reader *by, const struct history_query *q)
{
	return !is_own(by, q) && capability_has(by->capabilities, PRIVACY) ? MASK_LENGTH : 0;
}

static const char *disposition_of(const struct call_row *r)
{
	static const char *const busy = "user_busy,call_rejected";
	static const char *const in_vain = "normal_clearing,no_answer,answered_elsewhere";
	const struct str cause = str_from(r->cause);

	if (r->answered_at)
		return "ANSWERED";
	if (str_list_has(busy, cause))
		return "BUSY";
	return str_list_has(in_vain, cause) ? "NO ANSWER" : "FAILED";
}

static int64_t seconds_between(int64_t from_us, int64_t to_us)
{
	return from_us && to_us > from_us ? (to_us - from_us) / CLOCK_SECOND_US : 0;
}

struct end {
	const char *number, *name, *channel;
};

/* hidden: from those with the privacy flag, a name whole. */
static struct end end_of(struct service *s, const struct call_row *r, const char *number,
	const char *name, const char *exten, bool hidden)
{
	struct end end = { number, name ? name : "", exten && *exten ? exten : number };

	if (hidden) {
		end.number = mask_number(number, s->arena);
		end.name = *end.name ? mask_number("", s->arena) : "";
		end.channel = end.number;
	}
	end.channel = arena_printf(s->arena, "SIP/%s-%08" PRIx64, end.channel, (uint64_t)r->id);
	return end;
}

static struct history_call shown(struct service *s, const struct call_row *r, bool hidden)
{
	const struct end from = end_of(s, r, r->from_number, r->from_name, r->from_exten, hidden);
	const struct end to = end_of(s, r, r->to_number, r->to_name, r->to_exten, hidden);

	return (struct history_call){ .time = r->started_at / CLOCK_SECOND_US,
		.channel = from.channel,
		.dstchannel = to.channel,
		.uniqueid = r->linked_id,
		.linkedid = r->linked_id,
		.userfield = "",
		.duration = seconds_between(r->started_at, r->ended_at),
		.billsec = seconds_between(r->answered_at, r->ended_at),
		.disposition = disposition_of(r),
		.dcontext = "",
		.lastapp = "Dial",
		.cnum = from.number,
		.cnam = from.name,
		.ccompany = "",
		.src = from.number,
		.dst = to.number,
		.dst_cnam = to.name,
		.dst_ccompany = "",
		.clid = arena_printf(s->arena, "\"%s\" <%s>", from.name, from.number),
		.direction = r->direction,
		.type = r->type };
}

static const char *rows_json(struct service *s, const struct rows *rows, bool hidden)
{
	const struct call_row *r = rows->items;
	struct json_writer w;
	struct buf b;

	buf_init(&b, ROWS_MAX_BYTES);
	json_writer_init(&w, &b);
	json_array_begin(&w);
	for (size_t i = 0; i < rows->n; i++) {
		const struct history_call call = shown(s, &r[i], hidden);

		json_object_begin(&w);
		json_fields(&w, history_call_fields, &call, READER_ANY);
		json_object_end(&w);
	}
	json_array_end(&w);
	return buf_to_arena(&b, s->arena);
}

static struct call_query query_of(
	struct service *s, const struct history_reader *by, const struct history_query *q)
{
	struct call_query to = { .domain = by->domain,
		.from = q->from,
		.to = q->to,
		.zone = s->settings->history_time_zone,
		.filter = q->filter,
		.direction = q->direction && strcmp(q->direction, "all") != 0 ? q->direction : NULL,
		.remove_lost = q->remove_lost && strcmp(q->remove_lost, "true") == 0,
		.hidden = hidden_from(by, q),
		.limit = q->limit ? q->limit : HISTORY_LIMIT_MAX,
		.offset = q->offset };

	choose_calls(&to, by, q);
	return to;
}

static enum err may_see(
	struct service *s, const struct history_reader *by, const struct history_query *q)
{
	bool own = !q->groups && is_own(by, q);
	const char *needed = q->groups ? "cdr.group_cdr" : own ? "cdr" : "cdr.ad_cdr";

	if (own && q->own_is_open)
		return ERR_OK;
	return capability_has(by->capabilities, needed) ? ERR_OK : refused(s, &capability_missing);
}

enum err history_search(struct service *s, const struct history_reader *by,
	const struct history_query *q, struct history *ret)
{
	enum call_order order;
	struct rows rows;
	enum err e = is_understood(q) ? order_of(s, q->sort, &order) : ERR_BAD_REQUEST;

	if (e == ERR_OK)
		e = may_see(s, by, q);
	ret->rows = "[]";
	if (e != ERR_OK || q->groups || q->without_rows)
		return e;

	const struct call_query query = query_of(s, by, q);

	e = call_store_list(s, &query, order, &rows, &ret->count);
	if (e == ERR_OK)
		ret->rows = rows_json(s, &rows, query.hidden != 0);
	return e;
}
