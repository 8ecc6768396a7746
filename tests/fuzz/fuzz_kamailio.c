#include "../../src/pbx/kamailio_priv.h"
#include "base/json_slice.h"
#include "base/utf8.h"

#include "fuzz.h"

static void check_text(const char *text)
{
	require(!text || (*text && utf8_is_valid(text, strlen(text))));
}

static void check(const struct pbx_event *e)
{
	const struct pbx_address *const all[] = { &e->of, &e->from, &e->to, &e->device, &e->by,
		&e->target };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		require(!all[i]->user == !all[i]->domain);
		check_text(all[i]->user);
		check_text(all[i]->domain);
	}
	check_text(e->contact);
	check_text(e->user_agent);
	check_text(e->ip);
	check_text(e->port);
	check_text(e->call_id);
	check_text(e->linked_id);
	check_text(e->from_name);
	check_text(e->replaces);
	require(e->at_us >= 0);
}

/* What is read of it is text, and complete enough for the core. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = fuzz_input(data, size);
	struct arena *a = arena_new(4096);
	struct pbx_event event, *calls;
	size_t kind, n;

	if (kamailio_event_parse(input, a, &kind, &event) == ERR_OK) {
		require(event.of.user || (event.call_id && event.from.user && event.to.user));
		check(&event);
	}
	if (json_slice_is_valid(input) && kamailio_calls_parse(input, 10, a, &calls, &n) == ERR_OK)
		for (size_t i = 0; i < n; i++) {
			require(calls[i].call_id && calls[i].from.user && calls[i].to.user);
			check(&calls[i]);
		}
	arena_free(&a);
	return 0;
}
