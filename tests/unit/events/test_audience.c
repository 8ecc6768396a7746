#include "events/audience.h"

#include "../unit.h"

static const struct event event = { .domain = "d", .username = "alice", .account_id = 7 };

static void the_user_alone_hears_what_is_for_the_user(void **state)
{
	struct receiver copies[AUDIENCE_COPIES_MAX];

	(void)state;
	assert_int_equal(audience_of(AUDIENCE_USER, &event, copies), 1);
	assert_string_equal(copies[0].user, "alice");
	assert_null(copies[0].room);
	assert_int_equal(copies[0].view, VIEW_CLEAR);
}

static void all_and_the_admins_have_a_room_each(void **state)
{
	struct receiver copies[AUDIENCE_COPIES_MAX];

	(void)state;
	assert_int_equal(audience_of(AUDIENCE_ALL, &event, copies), 1);
	assert_string_equal(copies[0].room, "all");
	assert_int_equal(audience_of(AUDIENCE_ADMINS, &event, copies), 1);
	assert_string_equal(copies[0].room, "accounts");
	assert_null(copies[0].user);
	assert_null(copies[0].skip_user);
}

static void watchers_of_extensions_hear_it_as_clear_as_they_may_and_the_user_once(void **state)
{
	static const struct {
		const char *room;
		enum room_view view;
	} rooms[] = { { "ext.clear", VIEW_CLEAR }, { "ext.mq", VIEW_CLEAR_IN_QUEUES },
		{ "ext.ma", VIEW_MASKED } };
	struct receiver copies[AUDIENCE_COPIES_MAX];

	(void)state;
	assert_int_equal(audience_of(AUDIENCE_EXTENSIONS, &event, copies), 4);
	assert_string_equal(copies[0].user, "alice");
	assert_int_equal(copies[0].view, VIEW_CLEAR);
	for (size_t i = 0; i < 3; i++) {
		assert_null(copies[i + 1].user);
		assert_string_equal(copies[i + 1].room, rooms[i].room);
		assert_int_equal(copies[i + 1].view, rooms[i].view);
		assert_string_equal(copies[i + 1].skip_user, "alice");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_user_alone_hears_what_is_for_the_user),
		cmocka_unit_test(all_and_the_admins_have_a_room_each),
		cmocka_unit_test(
			watchers_of_extensions_hear_it_as_clear_as_they_may_and_the_user_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
