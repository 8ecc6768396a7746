#include "permissions/capability.h"

#include "../unit.h"

static void a_name_counts_as_a_whole(void **state)
{
	(void)state;
	assert_true(capability_has("settings settings.dnd", "settings"));
	assert_true(capability_has("settings settings.dnd", "settings.dnd"));
	assert_false(capability_has("settings.dnd", "settings"));
	assert_false(capability_has("settings.dnd", "dnd"));
	assert_false(capability_has("", "settings"));
	assert_false(capability_has(NULL, "settings"));
}

/* cti-api 2.10. */
static void rooms_follow_from_capabilities(void **state)
{
	static const struct {
		const char *list, *rooms;
	} rows[] = {
		{ NULL, "all" },
		{ "settings settings.dnd", "all" },
		{ "presence_panel", "all ext.clear" },
		{ "presence_panel presence_panel.trunks", "all ext.clear trk.clear" },
		{ "presence_panel.trunks", "all" },
		{ "queue_agent", "all q.clear" },
		{ "settings settings.parkings", "all park.clear" },
		{ "qmanager", "all qman" },
		{ "nethvoice_cti nethvoice_cti.privacy presence_panel presence_panel.trunks"
		  " queue_agent settings settings.parkings qmanager",
			"all ext.ma q.priv trk.priv park.priv qman" },
		{ "nethvoice_cti nethvoice_cti.privacy presence_panel presence_panel.trunks"
		  " queue_agent queue_agent.ad_queue_agent settings settings.parkings",
			"all ext.mq q.clear trk.priv park.priv" },
	};
	struct arena *arena = arena_new(1024);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(capability_rooms(arena, rows[i].list), rows[i].rooms);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_counts_as_a_whole),
		cmocka_unit_test(rooms_follow_from_capabilities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
