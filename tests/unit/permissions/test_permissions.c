#include "permissions/permissions.h"

#include "../unit.h"

static void relays_hear_of_the_capabilities_they_ask_for_and_no_others(void **state)
{
	static const struct {
		const char *list, *told;
	} rows[] = {
		{ NULL, "" },
		{ "nethvoice_cti settings.dnd presence_panel", "" },
		{ "nethvoice_cti nethvoice_cti.satellite_stt qmanager",
			"nethvoice_cti.satellite_stt" },
		{ "nethvoice_cti.satellite_stt settings nethvoice_cti.screen_sharing",
			"nethvoice_cti.screen_sharing nethvoice_cti.satellite_stt" },
	};
	struct arena *arena = arena_new(1024);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct profile_grants grants = { .capabilities = rows[i].list };

		assert_string_equal(
			permissions_of_profile(&grants, arena).capabilities, rows[i].told);
	}
	arena_free(&arena);
}

static void rooms_and_extensions_are_those_of_the_grants(void **state)
{
	struct arena *arena = arena_new(1024);
	const struct profile_grants grants = {
		.capabilities = "presence_panel", .extensions = "201 91201", .read_at = 12
	};
	struct permissions r = permissions_of_profile(&grants, arena);

	(void)state;
	assert_string_equal(r.rooms, "all ext.clear");
	assert_string_equal(r.extensions, "201 91201");
	assert_true(r.version == 12);
	arena_free(&arena);
}

static void admins_have_a_room_of_their_own(void **state)
{
	struct arena *arena = arena_new(1024);
	const struct profile_grants grants = { .capabilities = "qmanager", .admin = true };

	(void)state;
	assert_string_equal(permissions_of_profile(&grants, arena).rooms, "all qman accounts");
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relays_hear_of_the_capabilities_they_ask_for_and_no_others),
		cmocka_unit_test(rooms_and_extensions_are_those_of_the_grants),
		cmocka_unit_test(admins_have_a_room_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
