#include "resources/presence/presence.h"

#include "../../unit.h"

static void what_may_be_chosen_follows_from_situation_and_capabilities(void **state)
{
	static const struct {
		const char *capabilities;
		enum presence_kind kind;
		const char *choices;
	} rows[] = {
		{ NULL, PRESENCE_NOW, "online voicemail cellphone " },
		{ "settings settings.dnd", PRESENCE_NOW, "online dnd voicemail cellphone " },
		{ "settings settings.dnd", PRESENCE_ON_BUSY, "online voicemail cellphone " },
		{ "settings settings.call_forward", PRESENCE_ON_UNAVAILABLE,
			"online voicemail cellphone callforward " },
		{ "settings.call_forward settings.dnd", PRESENCE_NOW,
			"online dnd voicemail cellphone callforward " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct cti_user u = { .capabilities = rows[i].capabilities };
		const char *choices[PRESENCES_MAX];
		char text[128] = "";
		size_t n = presence_choices(&u, rows[i].kind, choices);

		for (size_t k = 0; k < n; k++) {
			strcat(text, choices[k]);
			strcat(text, " ");
		}
		assert_string_equal(text, rows[i].choices);
	}
}

static void each_situation_has_a_choice_of_its_own(void **state)
{
	const struct cti_user u = { .presence = "dnd",
		.on_busy = "callforward",
		.on_busy_to = "202",
		.on_unavailable = "voicemail" };

	(void)state;
	assert_string_equal(presence_of(&u, PRESENCE_NOW).status, "dnd");
	assert_string_equal(presence_of(&u, PRESENCE_ON_BUSY).to, "202");
	assert_string_equal(presence_of(&u, PRESENCE_ON_UNAVAILABLE).status, "voicemail");
	assert_null(presence_of(&u, PRESENCE_ON_UNAVAILABLE).to);
}

static void a_target_is_a_number_or_a_name(void **state)
{
	char longest[66];

	(void)state;
	memset(longest, '1', sizeof(longest));
	longest[64] = '\0';
	assert_true(presence_target_is_valid(longest));
	longest[64] = '1';
	longest[65] = '\0';
	assert_false(presence_target_is_valid(longest));
	assert_true(presence_target_is_valid("+39072112345"));
	assert_true(presence_target_is_valid("*97#"));
	assert_true(presence_target_is_valid("alice.example"));
	assert_false(presence_target_is_valid(""));
	assert_false(presence_target_is_valid("2 0 2"));
	assert_false(presence_target_is_valid("202' OR '1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_be_chosen_follows_from_situation_and_capabilities),
		cmocka_unit_test(each_situation_has_a_choice_of_its_own),
		cmocka_unit_test(a_target_is_a_number_or_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
