#include "base/json_slice.h"
#include "events/asyncapi.h"
#include "events/event_kind.h"
#include "events/event_shape.h"

#include "../unit.h"

static bool is_shown(const char *name)
{
	for (const struct event_shape *e = event_shapes; e->name; e++)
		if (e->by == SPEAKER_SERVER && strcmp(e->name, name) == 0)
			return true;
	return false;
}

static bool is_told(const char *name)
{
	for (size_t i = 0; i < EVENT_KINDS; i++)
		for (const struct client_event *c = event_kinds[i].clients; c && c->name; c++)
			if (strcmp(c->name, name) == 0)
				return true;
	return false;
}

static void every_event_that_clients_are_told_is_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < EVENT_KINDS; i++)
		for (const struct client_event *c = event_kinds[i].clients; c && c->name; c++)
			if (!is_shown(c->name))
				fail_msg("no shape: %s", c->name);
}

static void every_event_that_is_shown_is_told(void **state)
{
	(void)state;
	for (const struct event_shape *e = event_shapes; e->name; e++)
		if (e->by == SPEAKER_SERVER && !is_told(e->name))
			fail_msg("of no kind: %s", e->name);
}

static void the_document_is_json_and_fits(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, ASYNCAPI_MAX);
	asyncapi_write("1.2.3", &out);
	assert_false(out.overflow);
	assert_true(json_slice_is_valid(buf_str(&out)));
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_that_clients_are_told_is_shown),
		cmocka_unit_test(every_event_that_is_shown_is_told),
		cmocka_unit_test(the_document_is_json_and_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
