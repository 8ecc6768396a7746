#include "relay/core/directory.h"

#include "../../unit.h"
#include "alone.h"

static int setup(void **state)
{
	static const struct core_listener *const none[] = { NULL };

	(void)state;
	alone_setup(none);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	alone_teardown();
	return 0;
}

static void clients_are_found_by_their_whole_id_while_they_are_there(void **state)
{
	char id[SIO_ID_SIZE];

	(void)state;
	assert_null(directory_find(&core, "00000000000000000001"));
	for (int i = 0; i < ALONE_MAX; i++)
		alone_client();
	for (size_t i = 0; i < ALONE_MAX; i += 2)
		client_free(clients[i].client);
	for (size_t i = 0; i < ALONE_MAX; i++) {
		snprintf(id, sizeof(id), "%020zu", i + 1);
		assert_ptr_equal(directory_find(&core, id), i % 2 ? clients[i].client : NULL);
	}
	assert_null(directory_find(&core, "0000000000000000000"));
	assert_null(directory_find(&core, ""));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			clients_are_found_by_their_whole_id_while_they_are_there, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
