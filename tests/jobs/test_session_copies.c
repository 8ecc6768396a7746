/* What a user may do changes: the copies of their sessions and relays follow (cti-api 3.2, perm). */
#include "fixture.h"

#include "base/clock.h"
#include "redis/session_copy.h"

#define GRANTS(names) "capabilities = '{" names "}'"
#define STT_GRANTS    GRANTS("nethvoice_cti,nethvoice_cti.satellite_stt")

/* A space with users u1 to un; the first k of them have the profile "own", the others none. */
static void make_users(int n, int k)
{
	char sql[600];

	snprintf(sql, sizeof(sql),
		"INSERT INTO spaces (domain, host, name) VALUES ('d', 'h', 'n');"
		"INSERT INTO accounts (username, domain) SELECT 'u' || i, 'd' FROM"
		" generate_series(1, %d) i;"
		"INSERT INTO profiles (domain, name) VALUES ('d', 'own'), ('d', 'spare');"
		"INSERT INTO cti_users (account_id, profile_id) SELECT a.id, p.id FROM accounts a,"
		" profiles p WHERE p.name = 'own' AND substr(a.username, 2)::int <= %d;"
		"TRUNCATE outbox",
		n, k);
	server_sql(sql);
}

static bool list_is(const struct message_list *list, const char *words)
{
	char text[512] = "";

	for (size_t i = 0; i < list->n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? " " : "",
			list->items[i]);
	return strcmp(text, words) == 0;
}

static struct message next_order(struct fixture *f, const char *user)
{
	struct message m = next(f, PREFIX "{d}:ctl");

	assert_string_equal(m.user, user);
	return m;
}

static struct message next_perm(struct fixture *f, const char *user)
{
	struct message m = next_order(f, user);

	assert_int_equal(m.kind, MESSAGE_CONTROL);
	assert_int_equal(m.op, MESSAGE_PERM);
	assert_true(m.pv > 0);
	return m;
}

static void drain_all(struct fixture *f)
{
	while (drain(f))
		;
}

static const char *redis_get(struct fixture *f, const char *key, const char *member)
{
	struct redis_reply reply;

	assert_int_equal(redis_call(f->outbox.redis,
				 REDIS_COMMAND(STR("HGET"), str_from(key), str_from(member)),
				 f->arena, &reply),
		ERR_OK);
	return reply.text.p ? reply.text.p : "";
}

static void a_changed_profile_is_told_to_its_users_and_to_no_others(void **state)
{
	struct fixture *f = *state;
	struct message m;

	make_users(3, 2);
	server_sql("UPDATE profiles SET " GRANTS("qmanager") " WHERE name = 'own'");
	drain_all(f);
	m = next_perm(f, "u1");
	assert_true(list_is(&m.rooms, "all qman"));
	assert_true(list_is(&m.ext, "u1"));
	assert_true(list_is(&m.capabilities, ""));
	next_perm(f, "u2");
	server_sql("INSERT INTO outbox (kind, domain, account_id, username, facts) VALUES"
		   " ('avatar.changed', 'd', 1, 'u1', '{}')");
	drain_all(f);
	next(f, PREFIX "{d}:r:all");
}

static void a_user_is_told_of_his_new_profile_and_of_his_extensions(void **state)
{
	struct fixture *f = *state;
	struct message m;

	make_users(2, 1);
	server_sql(
		"UPDATE profiles SET " STT_GRANTS " WHERE name = 'spare';"
		"TRUNCATE outbox;"
		"UPDATE cti_users SET profile_id = (SELECT id FROM profiles WHERE name = 'spare')");
	drain_all(f);
	m = next_perm(f, "u1");
	assert_true(list_is(&m.capabilities, "nethvoice_cti.satellite_stt"));
	server_sql("INSERT INTO extensions (account_id, domain, exten, type)"
		   " SELECT id, 'd', '201', 'physical' FROM accounts WHERE username = 'u2'");
	drain_all(f);
	m = next_perm(f, "u2");
	assert_true(list_is(&m.ext, "201"));
	server_sql("DELETE FROM extensions");
	drain_all(f);
	m = next_perm(f, "u2");
	assert_true(list_is(&m.ext, "u2"));
}

static void users_of_a_deleted_profile_have_the_default_one(void **state)
{
	struct fixture *f = *state;
	struct message m;

	make_users(2, 1);
	server_sql("UPDATE profiles SET is_default = true, " GRANTS(
		"qmanager") " WHERE name = 'spare'; TRUNCATE outbox");
	server_sql("DELETE FROM profiles WHERE name = 'own'");
	assert_int_equal(server_sql("SELECT count(*) FROM outbox"), 1);
	drain_all(f);
	m = next_perm(f, "u1");
	assert_true(list_is(&m.rooms, "all qman"));
	next_perm(f, "u2");
}

static void what_changes_nothing_for_relays_is_not_told(void **state)
{
	make_users(2, 1);
	server_sql("UPDATE profiles SET name = name || '!', updated_at = now()");
	server_sql("UPDATE profiles SET capabilities = capabilities, is_default = "
		   "is_default");
	server_sql("UPDATE cti_users SET profile_id = profile_id, cellphone = '1'");
	server_sql(
		"INSERT INTO cti_users (account_id) SELECT id FROM accounts WHERE username = 'u2'");
	assert_int_equal(server_sql("SELECT count(*) FROM outbox"), 0);
	(void)state;
}

static void thousands_of_users_are_told_a_slice_at_a_time(void **state)
{
	enum { USERS = 250 };
	struct fixture *f = *state;

	make_users(USERS, USERS);
	server_sql("UPDATE profiles SET " GRANTS("qmanager") " WHERE name = 'own'");
	assert_int_equal(server_sql("SELECT count(*) FROM outbox"), 1);
	for (size_t taken = 1, told = 0; taken; told += taken) {
		taken = drain(f);
		assert_in_range(taken, told == 0, 100);
		assert_in_range(server_sql("SELECT count(*) FROM outbox"), 0, 201);
	}
	for (int i = 1; i <= USERS; i++) {
		char user[16];

		snprintf(user, sizeof(user), "u%d", i);
		next_perm(f, user);
	}
}

static void put_copy(struct fixture *f, const char *jti, int64_t pv)
{
	const struct session_key key = { PREFIX, "d", jti };
	const struct session_copy copy = { .user = "u1",
		.expires_at = clock_wall_us() / CLOCK_SECOND_US + 60,
		.rooms = "all",
		.ext = "u1",
		.cap = "",
		.pv = pv };

	assert_int_equal(session_copy_write(f->outbox.redis, &key, &copy), ERR_OK);
}

static void copies_of_sessions_change_and_those_who_knew_less_do_not_write_over_them(void **state)
{
	static const char *const keys[] = { PREFIX "{d}:tok:session-number-1",
		PREFIX "{d}:tok:session-number-2", PREFIX "{d}:tok:session-number-3" };
	struct fixture *f = *state;

	make_users(1, 1);
	server_sql("INSERT INTO sessions (jti, account_id, expires_at, revoked_at)"
		   " SELECT 'session-number-' || i, a.id, now() + interval '1 day',"
		   " CASE i WHEN 3 THEN now() END FROM accounts a, generate_series(1, 3) i");
	put_copy(f, "session-number-1", 1);
	server_sql("UPDATE profiles SET " STT_GRANTS " WHERE name = 'own'");
	drain_all(f);
	assert_string_equal(redis_get(f, keys[0], "cap"), "nethvoice_cti.satellite_stt");
	assert_int_equal(atol(redis_get(f, keys[0], "exp")),
		server_sql("SELECT floor(extract(epoch FROM expires_at)) FROM sessions LIMIT 1"));
	assert_string_equal(redis_get(f, keys[1], "u"), "");
	assert_false(redis_has(f, keys[2]));
	for (int i = 1; i <= 2; i++)
		put_copy(f, i == 1 ? "session-number-1" : "session-number-2", 2);
	assert_string_equal(redis_get(f, keys[0], "cap"), "nethvoice_cti.satellite_stt");
	assert_string_equal(redis_get(f, keys[1], "u"), "");
	put_copy(f, "session-number-2", INT64_C(1) << 52);
	assert_string_equal(redis_get(f, keys[1], "u"), "u1");
}

static void all_copies_of_a_user_with_many_sessions_change(void **state)
{
	enum { SESSIONS = 600 }; /* more than one command changes */
	struct fixture *f = *state;
	char text[64];

	make_users(1, 1);
	server_sql(
		"INSERT INTO sessions (jti, account_id, expires_at) SELECT 'one-of-sessions-' || "
		"i, a.id,"
		" now() + interval '1 day' FROM accounts a, generate_series(1, 600) i");
	for (int i = 1; i <= SESSIONS; i++) {
		snprintf(text, sizeof(text), "one-of-sessions-%d", i);
		put_copy(f, text, 1);
	}
	server_sql("UPDATE profiles SET " GRANTS("qmanager") " WHERE name = 'own'");
	drain_all(f);
	next_perm(f, "u1");
	for (int i = 1; i <= SESSIONS; i++) {
		snprintf(text, sizeof(text), PREFIX "{d}:tok:one-of-sessions-%d", i);
		assert_string_equal(redis_get(f, text, "rooms"), "all qman");
	}
}

static void more_extensions_than_a_message_holds_make_the_clients_come_back(void **state)
{
	struct fixture *f = *state;
	struct message m;

	make_users(1, 0);
	server_sql("INSERT INTO extensions (account_id, domain, exten, type) SELECT a.id, 'd',"
		   " repeat('1', 50) || i, 'physical' FROM accounts a, generate_series(1, 60) i;"
		   "DELETE FROM outbox WHERE id > (SELECT min(id) FROM outbox)");
	drain_all(f);
	m = next_order(f, "u1");
	assert_int_equal(m.op, MESSAGE_RESYNC);
}

static void an_account_that_becomes_an_admin_enters_the_room_of_the_admins(void **state)
{
	struct fixture *f = *state;
	struct message m;

	make_users(1, 0);
	server_sql("UPDATE accounts SET admin = true");
	server_sql("DELETE FROM outbox WHERE kind = 'account.updated'");
	drain_all(f);
	m = next_perm(f, "u1");
	assert_true(list_is(&m.rooms, "all accounts"));
	server_sql("UPDATE accounts SET admin = false");
	server_sql("DELETE FROM outbox WHERE kind = 'account.updated'");
	drain_all(f);
	m = next_perm(f, "u1");
	assert_true(list_is(&m.rooms, "all"));
}

static void sockets_of_an_account_that_is_gone_end(void **state)
{
	struct fixture *f = *state;
	struct message m;

	make_users(1, 0);
	server_sql("SELECT outbox_add('permissions.changed', id) FROM accounts");
	server_sql("DELETE FROM accounts; DELETE FROM outbox WHERE kind <> 'permissions.changed'");
	drain_all(f);
	m = next_order(f, "u1");
	assert_int_equal(m.op, MESSAGE_REVOKE);
	assert_true(m.all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		FRESH(a_changed_profile_is_told_to_its_users_and_to_no_others),
		FRESH(a_user_is_told_of_his_new_profile_and_of_his_extensions),
		FRESH(users_of_a_deleted_profile_have_the_default_one),
		FRESH(what_changes_nothing_for_relays_is_not_told),
		FRESH(thousands_of_users_are_told_a_slice_at_a_time),
		FRESH(copies_of_sessions_change_and_those_who_knew_less_do_not_write_over_them),
		FRESH(all_copies_of_a_user_with_many_sessions_change),
		FRESH(more_extensions_than_a_message_holds_make_the_clients_come_back),
		FRESH(an_account_that_becomes_an_admin_enters_the_room_of_the_admins),
		FRESH(sockets_of_an_account_that_is_gone_end),
	};

	return cmocka_run_group_tests(tests, migrate, NULL);
}
