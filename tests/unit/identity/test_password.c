#include "identity/lock.h"
#include "identity/password.h"

#include "../unit.h"
#include "base/arena.h"

static void a_client_is_counted_under_its_network(void **state)
{
	static const struct {
		const char *ip, *network;
	} rows[] = {
		{ "192.0.2.7", "192.0.2.7" },
		{ "2001:db8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:1:2::/64" },
		{ "2001:db8:1:2::1", "2001:db8:1:2::/64" },
		{ "2001:0DB8:0001:0002::1", "2001:db8:1:2::/64" },
		{ "::1", "::/64" },
		{ "::ffff:192.0.2.7", "192.0.2.7" },
		{ "", "" },
	};
	struct arena *arena = arena_new(1024);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(client_network(arena, rows[i].ip), rows[i].network);
	arena_free(&arena);
}

static void only_the_password_fits(void **state)
{
	/* SHA-256 of alice:example.org:secret */
	const struct credentials c = { .who = { .username = "alice", .realm = "example.org" },
		.sha256 = "d1659fff7a501be15962adc35514ca6a5868905695f2dd1093741f931e000a1f" };
	const struct credentials nobody = { .who = { .username = "", .realm = "" } };

	(void)state;
	assert_true(password_fits(&c, "secret"));
	assert_false(password_fits(&c, "Secret"));
	assert_false(password_fits(&c, ""));
	assert_false(password_fits(&nobody, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_is_counted_under_its_network),
		cmocka_unit_test(only_the_password_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
