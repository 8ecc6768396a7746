#include "relay/core/client.h"

#include "../../unit.h"
#include "alone.h"
#include "base/buf.h"
#include "relay/core/rooms.h"

/* What the listeners a and b were told, in order. */
static struct buf told;

static void note(const char *who, const char *what)
{
	buf_printf(&told, "%s%s.%s", told.n ? " " : "", who, what);
}

static void a_live(struct cti_client *c, bool first)
{
	assert_true(c->live);
	note("a", first ? "live" : "renewed");
}

static void b_live(struct cti_client *c, bool first)
{
	(void)c;
	note("b", first ? "live" : "renewed");
}

static void a_look(struct cti_client *c)
{
	(void)c;
	note("a", "look");
}

static void b_permitted(struct cti_client *c, struct str extensions)
{
	assert_int_equal(c->room_count, 2);
	assert_str_equal(extensions, "101 102");
	note("b", "permitted");
}

static void a_retiring(struct cti_client *c)
{
	note("a", c->live ? "retiring" : "again");
}

static void b_retiring(struct cti_client *c)
{
	note("b", c->live ? "retiring" : "again");
}

static void b_gone(struct cti_client *c)
{
	assert_false(c->live);
	note("b", "gone");
}

static const struct core_listener a = { .live = a_live, .look = a_look, .retiring = a_retiring };
static const struct core_listener b = {
	.live = b_live, .permitted = b_permitted, .retiring = b_retiring, .gone = b_gone
};
static const struct core_listener *const listeners[] = { &a, &b, NULL };

static int setup(void **state)
{
	(void)state;
	buf_init(&told, 1000);
	alone_setup(listeners);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	alone_teardown();
	buf_finish(&told);
	return 0;
}

static void assert_told(const char *text)
{
	assert_str_equal(buf_str(&told), text);
	buf_clear(&told);
}

static void listeners_are_told_in_their_order_and_may_lack_hooks(void **state)
{
	struct cti_client *c = alone_client()->client;

	(void)state;
	client_go_live(c);
	assert_told("a.live b.live");
	client_go_live(c);
	assert_told("a.renewed b.renewed");
	client_look(c);
	assert_told("a.look");
	assert_int_equal(core.counters.logins, 2);
	assert_int_equal(core.counters.sessions_live, 1);
}

static void client_that_is_refused_retires_while_it_is_live_and_is_gone_later(void **state)
{
	struct alone_client *one = alone_live_client();

	(void)state;
	buf_clear(&told);
	client_refuse(one->client, CLOSE_REVOKED);
	assert_told("a.retiring b.retiring");
	assert_true(one->ended);
	assert_int_equal(one->how, SIO_END_LEFT);
	assert_int_equal(core.counters.sessions_live, 0);
	assert_true(list_is_empty(&core.round));
	client_free(one->client);
	assert_told("a.again b.again b.gone");
	assert_null(one->sio.data);
	assert_int_equal(core.counters.sessions, 0);
}

static void rooms_are_joined_before_listeners_are_told_of_them(void **state)
{
	const struct cti_permissions p = { STR("all ext.ma all"), STR("101 102"), 0, 7 };
	struct cti_client *c = alone_client()->client;

	(void)state;
	assert_int_equal(client_enter(c, STR("example.org"), STR("alice")), ERR_OK);
	assert_int_equal(rooms_permit(c, &p), ERR_OK);
	assert_told("b.permitted");
	assert_int_equal(core.counters.channels, 6); /* its own two and the domain's among them */
	assert_int_equal(rooms_learn(c, &p), ERR_OK);
	assert_told("");
	assert_false(client_is_confirmed(c));
}

/* The size is what thousands of idle clients cost. */
static void client_is_no_larger_than_it_was(void **state)
{
	(void)state;
	assert_true(sizeof(struct cti_client) <= 240);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(listeners_are_told_in_their_order_and_may_lack_hooks),
		TEST(client_that_is_refused_retires_while_it_is_live_and_is_gone_later),
		TEST(rooms_are_joined_before_listeners_are_told_of_them),
		TEST(client_is_no_larger_than_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
