/* What dlg.list of Kamailio answers: an array of dialogs, with the variables that its script has set. */
#include <inttypes.h>

#include "base/json_fields.h"
#include "base/json_slice.h"
#include "base/utf8.h"
#include "kamailio_priv.h"

#define MICROS   1000000
#define TIME_MAX ((int64_t)1 << 40) /* seconds */

enum dialog_state { DIALOG_NEW = 1, DIALOG_RINGING, DIALOG_ANSWERED, DIALOG_UP };

struct dialog {
	int64_t h_entry, h_id, state, start_ts, init_ts;
	const char *call_id, *variables;
};

static const struct field dialog_fields[] = {
	FIELD_INT(dialog, h_entry),
	FIELD_INT(dialog, h_id),
	FIELD_INT(dialog, state),
	FIELD_INT(dialog, start_ts),
	FIELD_INT(dialog, init_ts),
	FIELD_TEXT_AS(dialog, call_id, "call-id"),
	FIELD_JSON(dialog, variables),
	FIELDS_END,
};

struct variables {
	const char *caller, *callee, *caller_name, *linked, *device;
};

static const struct field variables_fields[] = {
	FIELD_TEXT(variables, caller),
	FIELD_TEXT(variables, callee),
	FIELD_TEXT(variables, caller_name),
	FIELD_TEXT(variables, linked),
	FIELD_TEXT(variables, device),
	FIELDS_END,
};

/* An array of objects with one member each. */
static bool read_variables(const char *json, struct arena *arena, struct variables *ret)
{
	struct str rest = str_from(json), value;
	bool is_good = json && json_slice_kind(rest) == JSON_ARRAY;

	while (is_good && json_slice_next(&rest, NULL, &value))
		is_good = json_fields_read(variables_fields, value, arena, ret);
	return is_good;
}

static enum pbx_event_kind kind_of(int64_t state)
{
	if (state == DIALOG_NEW)
		return PBX_CALL_NEW;
	return state == DIALOG_RINGING ? PBX_CALL_RINGING : PBX_CALL_UP;
}

static int64_t since(const struct dialog *d)
{
	int64_t s = d->start_ts > 0 ? d->start_ts : d->init_ts;

	return s > 0 && s < TIME_MAX ? s * MICROS : 0;
}

/* False: it is over, not of our script, or one of the proxy's own. */
static bool read_dialog(struct str object, struct arena *arena, struct pbx_event *ret)
{
	struct dialog d = { 0 };
	struct variables v = { 0 };

	if (!json_fields_read(dialog_fields, object, arena, &d) || !d.call_id || !*d.call_id ||
		d.state < DIALOG_NEW || d.state > DIALOG_UP ||
		!read_variables(d.variables, arena, &v))
		return false;
	*ret = (struct pbx_event){
		.kind = kind_of(d.state),
		.at_us = since(&d),
		.call_id = d.call_id,
		.dialog = arena_printf(arena, "%" PRId64 ":%" PRId64, d.h_entry, d.h_id),
		.linked_id = kamailio_text(arena, v.linked),
		.from = kamailio_address(arena, v.caller),
		.to = kamailio_address(arena, v.callee),
		.from_name = kamailio_text(arena, v.caller_name),
		.device = kamailio_address(arena, v.device),
	};
	return ret->from.user && ret->to.user && !kamailio_is_own(&ret->from);
}

enum err kamailio_calls_parse(
	struct str result, size_t most, struct arena *arena, struct pbx_event **ret, size_t *ret_n)
{
	struct str rest = result, value;
	size_t n = 0, all;

	if (json_slice_kind(result) != JSON_ARRAY || !utf8_is_valid(result.p, result.n))
		return ERR_PROTOCOL;
	all = json_slice_count(result);
	if (all > most)
		all = most;
	*ret = arena_alloc(arena, (all + 1) * sizeof(**ret));
	while (n < all && json_slice_next(&rest, NULL, &value))
		if (read_dialog(value, arena, &(*ret)[n]))
			n++;
	*ret_n = n;
	return ERR_OK;
}
