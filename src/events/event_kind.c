#include "events/event_kind.h"

#include <string.h>

#include "base/json_fields.h"

const struct event_kind *event_kind_find(const char *name)
{
	for (size_t i = 0; i < EVENT_KINDS; i++)
		if (strcmp(event_kinds[i].name, name) == 0)
			return &event_kinds[i];
	return NULL;
}

enum err event_facts(
	const struct event_kind *kind, const struct event *e, struct arena *arena, const void **ret)
{
	void *facts = NULL;

	if (!kind->facts && kind->clients)
		return ERR_INVALID;
	if (kind->facts) {
		facts = arena_alloc(arena, kind->facts_size);
		if (!json_fields_read(kind->facts, str_from(e->facts), arena, facts))
			return ERR_INVALID;
	}
	*ret = facts;
	return ERR_OK;
}

const char *event_facts_json(const struct event_kind *kind, const void *facts, struct arena *arena)
{
	return facts ? json_fields_text(arena, kind->facts, facts, READER_ANY, EVENT_PAYLOAD_MAX)
		     : NULL;
}

enum err event_render(const struct client_event *c, const struct copy *copy, struct str *ret)
{
	struct json_writer w;
	struct buf text;
	bool fits;

	buf_init(&text, EVENT_PAYLOAD_MAX);
	json_writer_init(&w, &text);
	json_array_begin(&w);
	json_text(&w, c->name);
	c->arguments(&w, copy);
	json_array_end(&w);
	fits = !text.overflow;
	if (fits)
		*ret = (struct str){ arena_strndup(copy->arena, text.p, text.n), text.n };
	buf_finish(&text);
	return fits ? ERR_OK : ERR_LIMIT;
}
