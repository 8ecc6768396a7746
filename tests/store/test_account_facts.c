/* The copies that stand in an account's row (sql/0001_baseline.sql) say at every moment what their tables say. */
#include "fresh_schema.h"

#define ACCOUNT(name) "INSERT INTO accounts (username, domain) VALUES ('" name "', 'a.example')"
#define OF_BOB        " WHERE account_id = (SELECT id FROM accounts WHERE username = 'bob')"
#define IS_BOB(what)  "SELECT count(*) FROM accounts WHERE username = 'bob' AND " what

#define TOKEN(byte)                                                                          \
	"INSERT INTO provisioning_tokens (account_id, token_hash, token_sealed, expires_at)" \
	" SELECT id, decode(repeat('" byte "', 32), 'hex'), '\\x" byte                       \
	"', '2030-01-01' FROM accounts WHERE username = 'bob'"

static int setup(void **state)
{
	(void)state;
	fresh_schema();
	server_sql("INSERT INTO spaces (domain, host, name) VALUES"
		   " ('a.example', 'a', 'A'), ('b.example', 'b', 'B')");
	server_sql(ACCOUNT("bob"));
	return 0;
}

static void assert_bob(const char *sql)
{
	if (server_sql(sql) != 1)
		fail_msg("not so: %s", sql);
}

static void an_account_follows_its_space(void **state)
{
	(void)state;
	assert_bob(IS_BOB("space_realm IS NULL"));
	server_sql("UPDATE spaces SET realm = 'phones' WHERE domain = 'a.example'");
	assert_bob(IS_BOB("space_realm = 'phones'"));
	server_sql("UPDATE accounts SET domain = 'b.example'");
	assert_bob(IS_BOB("space_realm IS NULL"));
}

static void an_account_must_enrol_after_the_days_of_grace(void **state)
{
	(void)state;
	server_sql("UPDATE accounts SET created_at = '2025-01-01'");
	server_sql("UPDATE spaces SET two_factor_policy = 'required', two_factor_grace_days = 7,"
		   " two_factor_policy_since = '2025-02-01'");
	assert_bob(IS_BOB("must_enrol_at = '2025-02-08'"));
	server_sql("UPDATE accounts SET created_at = '2025-03-01'");
	assert_bob(IS_BOB("must_enrol_at = '2025-03-08'"));
	server_sql("UPDATE spaces SET two_factor_policy = 'optional'");
	assert_bob(IS_BOB("must_enrol_at IS NULL"));
}

static void an_account_has_a_second_factor_when_it_has_a_secret(void **state)
{
	(void)state;
	server_sql("INSERT INTO two_factor (account_id, pending_sealed, pending_expires_at)"
		   " SELECT id, '\\x01', now() FROM accounts");
	assert_bob(IS_BOB("NOT two_factor"));
	server_sql("UPDATE two_factor SET secret_sealed = '\\x02', enabled_at = now()");
	assert_bob(IS_BOB("two_factor"));
	server_sql("DELETE FROM two_factor" OF_BOB);
	assert_bob(IS_BOB("NOT two_factor"));
}

static void the_provisioning_token_of_an_account_is_the_unused_one(void **state)
{
	(void)state;
	server_sql(TOKEN("aa"));
	assert_bob(IS_BOB("provisioning_sealed = '\\xaa' AND provisioning_expires_at ="
			  " '2030-01-01'"));
	server_sql("UPDATE provisioning_tokens SET used = true" OF_BOB);
	assert_bob(IS_BOB("provisioning_sealed IS NULL AND provisioning_expires_at IS NULL"));
	server_sql(TOKEN("bb"));
	server_sql("UPDATE provisioning_tokens SET token_sealed = '\\xcc' WHERE NOT used");
	assert_bob(IS_BOB("provisioning_sealed = '\\xcc'"));
	server_sql("DELETE FROM provisioning_tokens" OF_BOB);
	assert_bob(IS_BOB("provisioning_sealed IS NULL"));
}

static void the_confirmation_key_of_an_account_is_its_only_one(void **state)
{
	(void)state;
	server_sql("INSERT INTO confirmation_keys (account_id, key_sealed, kind)"
		   " SELECT id, '\\x01', 'email' FROM accounts");
	assert_bob(IS_BOB("confirmation_sealed = '\\x01' AND confirmation_expires_at IS NULL"));
	server_sql("UPDATE confirmation_keys SET key_sealed = '\\x02', expires_at = '2030-01-01'");
	assert_bob(IS_BOB("confirmation_sealed = '\\x02' AND confirmation_expires_at ="
			  " '2030-01-01'"));
	server_sql("DELETE FROM confirmation_keys");
	assert_bob(IS_BOB("confirmation_sealed IS NULL AND confirmation_expires_at IS NULL"));
}

#define MD5_OF_CAROL                                              \
	"INSERT INTO passwords (account_id, password, algorithm)" \
	" SELECT id, repeat('0', 32), 'MD5' FROM accounts WHERE username = 'carol';"
#define TOKEN_OF_CAROL                                                           \
	"INSERT INTO provisioning_tokens (account_id, token_hash, token_sealed)" \
	" SELECT id, decode(repeat('03', 32), 'hex'), '\\x03' FROM accounts"     \
	" WHERE username = 'carol';"
#define HAS_MD5(name)                                           \
	"SELECT count(*) FROM accounts WHERE username = '" name \
	"' AND algorithms = '[{\"algorithm\": \"MD5\"}]'"

/* What an account comes with is not looked at again as long as nothing changes it. */
static void what_a_new_account_came_with_is_looked_at_when_it_has_changed(void **state)
{
	(void)state;
	server_sql("BEGIN; INSERT INTO accounts (username, domain, algorithms, provisioning_sealed)"
		   " VALUES ('carol', 'a.example', '[{\"algorithm\": \"MD5\"}]', "
		   "'\\x03');" MD5_OF_CAROL TOKEN_OF_CAROL
		   "DELETE FROM passwords; UPDATE provisioning_tokens SET used = true;"
		   "DELETE FROM provisioning_tokens;" MD5_OF_CAROL TOKEN_OF_CAROL "COMMIT");
	assert_bob(HAS_MD5("carol") " AND provisioning_sealed = '\\x03'");
	server_sql(
		"BEGIN; INSERT INTO accounts (username, domain, algorithms)"
		" VALUES ('dora', 'a.example', '[{\"algorithm\": \"SHA-256\"}]');"
		"INSERT INTO passwords (account_id, password, algorithm)"
		" SELECT id, repeat('0', 32), 'MD5' FROM accounts WHERE username = 'dora'; COMMIT");
	assert_bob(HAS_MD5("dora"));
}

static PGconn *session(const char *sql)
{
	PGconn *c = PQconnectdb("");
	PGresult *r = PQexec(c, sql);

	assert_int_equal(PQresultStatus(r), PGRES_COMMAND_OK);
	PQclear(r);
	return c;
}

static void wait_until_somebody_waits_for_a_lock(void)
{
	while (server_sql("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0)
		continue;
}

/* Whichever of the two comes first holds the other up, and is seen by it. */
static void an_account_made_while_its_space_changes_knows_the_change(void **state)
{
	static const char *const changes[] = {
		"UPDATE spaces SET realm = 'new' WHERE domain = 'a.example'", ACCOUNT("eve")
	};

	(void)state;
	for (size_t first = 0; first < 2; first++) {
		PGconn *one = session("BEGIN"), *two = session("BEGIN");

		PQclear(PQexec(one, changes[first]));
		assert_true(PQsendQuery(two, changes[1 - first]));
		wait_until_somebody_waits_for_a_lock();
		PQclear(PQexec(one, "COMMIT"));
		PQclear(PQgetResult(two));
		assert_null(PQgetResult(two));
		PQclear(PQexec(two, "COMMIT"));
		PQfinish(one);
		PQfinish(two);
		assert_int_equal(server_sql("SELECT count(*) FROM accounts WHERE username = 'eve'"
					    " AND space_realm = 'new'"),
			1);
		server_sql("DELETE FROM accounts WHERE username = 'eve'");
		server_sql("UPDATE spaces SET realm = NULL");
	}
}

static const char *violated_by(PGconn *c)
{
	PGresult *r = PQgetResult(c);
	static char constraint[64];

	assert_int_equal(PQresultStatus(r), PGRES_FATAL_ERROR);
	snprintf(constraint, sizeof(constraint), "%s",
		PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME));
	PQclear(r);
	assert_null(PQgetResult(c));
	return constraint;
}

/* The next one waits until it is known whether there is room. */
static void the_last_place_of_a_space_is_taken_once(void **state)
{
	static const char *const ends[] = { "ROLLBACK", "COMMIT" };

	(void)state;
	server_sql("UPDATE spaces SET max_accounts = 2 WHERE domain = 'a.example'");
	for (size_t end = 0; end < 2; end++) {
		PGconn *one = session("BEGIN"), *two = session("BEGIN");

		PQclear(PQexec(one, ACCOUNT("eve")));
		assert_true(PQsendQuery(two, ACCOUNT("joe")));
		wait_until_somebody_waits_for_a_lock();
		PQclear(PQexec(one, ends[end]));
		if (end == 1)
			assert_string_equal(violated_by(two), "accounts_capacity");
		PQfinish(one);
		PQfinish(two);
	}
	assert_int_equal(server_sql("SELECT count(*) FROM accounts"), 2);
}

static void a_limit_that_comes_while_an_account_is_made_holds(void **state)
{
	PGconn *one = session("BEGIN"), *two = session("BEGIN");

	(void)state;
	PQclear(PQexec(one, "UPDATE spaces SET max_accounts = 1 WHERE domain = 'a.example'"));
	assert_true(PQsendQuery(two, ACCOUNT("eve")));
	wait_until_somebody_waits_for_a_lock();
	PQclear(PQexec(one, "COMMIT"));
	assert_string_equal(violated_by(two), "accounts_capacity");
	PQfinish(one);
	PQfinish(two);
}

/* Without a limit, and far from it. */
static void accounts_of_a_space_with_much_room_wait_for_nothing(void **state)
{
	static const char *const limits[] = { "0", "100000" };
	char sql[128];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		PGconn *one;

		snprintf(sql, sizeof(sql), "UPDATE spaces SET max_accounts = %s", limits[i]);
		server_sql(sql);
		one = session("BEGIN");
		PQclear(PQexec(one, ACCOUNT("eve")));
		server_sql("SET lock_timeout = '1s'; " ACCOUNT("joe"));
		PQclear(PQexec(one, "COMMIT"));
		PQfinish(one);
		server_sql("DELETE FROM accounts WHERE username <> 'bob'");
	}
}

/* Those that could fill the space together are waited for by one who comes near the limit. */
static void a_space_that_fills_up_while_accounts_are_made_holds_its_limit(void **state)
{
	PGconn *one = session("BEGIN"), *two;

	(void)state;
	server_sql("UPDATE spaces SET max_accounts = 100 WHERE domain = 'a.example'");
	PQclear(PQexec(one, ACCOUNT("eve")));
	server_sql("INSERT INTO accounts (username, domain)"
		   " SELECT 'u' || i, 'b.example' FROM generate_series(1, 98) i");
	server_sql("UPDATE accounts SET domain = 'a.example' WHERE domain = 'b.example'");
	two = session("BEGIN");
	assert_true(PQsendQuery(two, ACCOUNT("joe")));
	wait_until_somebody_waits_for_a_lock();
	PQclear(PQexec(one, "COMMIT"));
	assert_string_equal(violated_by(two), "accounts_capacity");
	PQfinish(one);
	PQfinish(two);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_account_follows_its_space),
		TEST(an_account_must_enrol_after_the_days_of_grace),
		TEST(an_account_has_a_second_factor_when_it_has_a_secret),
		TEST(the_provisioning_token_of_an_account_is_the_unused_one),
		TEST(the_confirmation_key_of_an_account_is_its_only_one),
		TEST(what_a_new_account_came_with_is_looked_at_when_it_has_changed),
		TEST(an_account_made_while_its_space_changes_knows_the_change),
		TEST(the_last_place_of_a_space_is_taken_once),
		TEST(a_limit_that_comes_while_an_account_is_made_holds),
		TEST(accounts_of_a_space_with_much_room_wait_for_nothing),
		TEST(a_space_that_fills_up_while_accounts_are_made_holds_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
