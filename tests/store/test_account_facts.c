/* The copies that stand in an account's row (sql/0001_baseline.sql) say at every moment what their tables say. */
#include "server.h"

#include "pg/migrate.h"

#define ACCOUNT(name) "INSERT INTO accounts (username, domain) VALUES ('" name "', 'a.example')"
#define OF_BOB        " WHERE account_id = (SELECT id FROM accounts WHERE username = 'bob')"
#define IS_BOB(what)  "SELECT count(*) FROM accounts WHERE username = 'bob' AND " what

#define TOKEN(byte)                                                                          \
	"INSERT INTO provisioning_tokens (account_id, token_hash, token_sealed, expires_at)" \
	" SELECT id, decode(repeat('" byte "', 32), 'hex'), '\\x" byte                       \
	"', '2030-01-01' FROM accounts WHERE username = 'bob'"

static void silence(void *arg, const char *sentence)
{
	(void)arg, (void)sentence;
}

static int setup(void **state)
{
	const struct pg_settings settings = { .conninfo = "" };

	(void)state;
	server_sql("DROP SCHEMA IF EXISTS sip CASCADE");
	server_sql("DROP SCHEMA public CASCADE");
	server_sql("CREATE SCHEMA public");
	assert_int_equal(migrate_run(&settings, schema_migrations, silence, NULL), ERR_OK);
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

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_account_follows_its_space),
		TEST(an_account_must_enrol_after_the_days_of_grace),
		TEST(an_account_has_a_second_factor_when_it_has_a_secret),
		TEST(the_provisioning_token_of_an_account_is_the_unused_one),
		TEST(the_confirmation_key_of_an_account_is_its_only_one),
		TEST(an_account_made_while_its_space_changes_knows_the_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
