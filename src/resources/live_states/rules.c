#include "resources/live_states/live_states.h"

#include <string.h>

#include "base/json_slice.h"

#define TEXT_MAX  512
#define COUNT_MAX 1000000

struct live_question live_question_of(struct arena *arena, size_t cap)
{
	return (struct live_question){ arena_alloc(arena, (cap + 1) * sizeof(struct str)), 0, cap };
}

void live_question_add(
	struct arena *arena, struct live_question *q, const char *kind, const char *id)
{
	if (q->n < q->cap)
		q->fields[q->n++] = str_from(arena_printf(arena, "%s:%s", kind, id));
}

const struct str *live_answer(struct service *s, const char *domain, const struct live_question *q)
{
	const struct live_states *live = &s->live_states;
	struct str *values;

	if (s->settings->call_backend == CALL_BACKEND_NONE)
		return NULL;
	values = arena_alloc(s->arena, (q->n + 1) * sizeof(*values));
	if (q->n && live->get(live->ctx, domain, q->fields, q->n, s->arena, values) != ERR_OK)
		return NULL;
	return values;
}

/* What is in Redis was written by another program: nothing of it is trusted to be what it should be. */
static const char *text_of(struct arena *arena, struct str value)
{
	char text[TEXT_MAX];
	size_t n;

	if (!value.p || !json_slice_is_valid(value) ||
		!json_slice_text(value, text, sizeof(text), &n))
		return NULL;
	return arena_strndup(arena, text, n);
}

const char *live_main_presence(struct arena *arena, struct str value)
{
	static const char *const presences[] = { "online", "offline", "busy", "ringing", "dnd",
		"voicemail", "cellphone", "callforward", NULL };
	const char *text = text_of(arena, value);

	return text && str_is_one_of(str_from(text), presences) ? text : NULL;
}

const char *live_presence_shown(struct arena *arena, struct str value, const char *chosen)
{
	const char *told = live_main_presence(arena, value);

	return told ? told : main_presence(chosen, EXTEN_OFFLINE);
}

static const char *member_of(struct arena *arena, struct str object, const char *name)
{
	struct str value;

	return json_slice_member(object, name, &value) ? text_of(arena, value) : NULL;
}

bool live_call_read(struct str value, struct arena *arena, struct live_call *ret)
{
	if (!value.p || !json_slice_is_valid(value) || json_slice_kind(value) != JSON_OBJECT)
		return false;
	*ret = (struct live_call){ member_of(arena, value, "call_id"),
		member_of(arena, value, "from"), member_of(arena, value, "to") };
	return ret->call_id && ret->from && ret->to;
}

bool live_voicemail_read(struct str value, int64_t *ret_inbox)
{
	struct str inbox;
	uint64_t n;

	if (!value.p || !json_slice_is_valid(value) || !json_slice_member(value, "inbox", &inbox) ||
		!json_slice_uint(inbox, COUNT_MAX, &n))
		return false;
	*ret_inbox = (int64_t)n;
	return true;
}
