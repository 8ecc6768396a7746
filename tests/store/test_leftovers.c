/* What an owner has very much of goes a part at a time (sql/0018_leftovers.sql, sql/0022_bounds.sql), and is found by no one meanwhile. */
#include "fresh_schema.h"

#define BOB "(SELECT id FROM accounts WHERE username = 'bob')"
/* More than two parts of 1,000. */
#define MANY "2500"

static int setup_group(void **state)
{
	(void)state;
	fresh_schema();
	return 0;
}

static int setup(void **state)
{
	(void)state;
	server_empty();
	server_sql("INSERT INTO spaces (domain, host, name) VALUES ('a.example', 'a', 'A')");
	server_sql("INSERT INTO accounts (username, domain) VALUES ('bob', 'a.example')");
	server_sql("TRUNCATE outbox");
	return 0;
}

static int setup_many(void **state)
{
	setup(state);
	/* Nothing is told or counted of these. */
	server_sql("SET session_replication_role = replica;"
		   "INSERT INTO accounts (username, domain) SELECT 'user' || i, 'a.example'"
		   " FROM generate_series(1, " MANY ") i");
	return 0;
}

static void expect(int64_t n, const char *sql)
{
	int64_t there = server_sql(sql);

	if (there != n)
		fail_msg("%d, not %d: %s", (int)there, (int)n, sql);
}

static void expect_refused(const char *sql)
{
	PGconn *c = PQconnectdb("");
	PGresult *r = PQexec(c, sql);

	assert_string_equal(PQresultErrorField(r, PG_DIAG_SQLSTATE), "23503");
	PQclear(r);
	PQfinish(c);
}

/* As dialtone-jobs goes over them. */
static void take_all(void)
{
	while (server_sql("SELECT count(*) FROM leftovers"))
		expect(1, "SELECT leftovers_take_some()::int");
	expect(0, "SELECT leftovers_take_some()::int");
}

static void give_sessions(void)
{
	server_sql("INSERT INTO sessions (jti, account_id, issued_at, expires_at)"
		   " SELECT 'session-number-' || i, " BOB ", now() - make_interval(secs => i),"
		   " now() + interval '1 day' FROM generate_series(1, " MANY ") i");
}

#define TOLD \
	"SELECT coalesce(sum(cardinality(sessions)), 0) FROM outbox WHERE kind = 'sessions.ended'"
/* As a store asks (service/columns.h). */
#define HOLD                                                                       \
	"SELECT count(*) FROM accounts a JOIN sessions se ON se.account_id = a.id" \
	" WHERE se.revoked_at IS NULL AND (a.sessions_void_at IS NULL"             \
	" OR se.issued_at > a.sessions_void_at OR se.jti = ANY (a.sessions_spared))"

static void very_many_sessions_end_at_once_and_are_told_a_part_at_a_time(void **state)
{
	(void)state;
	give_sessions();
	server_sql("INSERT INTO passwords VALUES (" BOB ", repeat('0', 32), 'MD5')");
	expect(0, HOLD);
	expect(1000, TOLD);
	expect(1, "SELECT count(*) FROM outbox WHERE kind = 'permissions.changed'");
	server_sql("INSERT INTO sessions (jti, account_id, expires_at)"
		   " VALUES ('session-that-came-after', " BOB ", now() + interval '1 day')");
	take_all();
	expect(2500, TOLD);
	expect(1, HOLD);
	expect(1, "SELECT count(*) FROM sessions WHERE revoked_at IS NULL");
}

static void a_session_that_is_spared_goes_on_whatever_place_it_has(void **state)
{
	(void)state;
	give_sessions();
	server_sql("SELECT sessions_end_some(" BOB
		   ", '{session-number-5,session-number-2400}', true)::int");
	expect(2, HOLD);
	take_all();
	expect(2, HOLD);
	expect(2, "SELECT count(*) FROM sessions WHERE revoked_at IS NULL");
	expect(2498, TOLD);
	/* The next end spares no one. */
	server_sql("SELECT sessions_end_some(" BOB ", '{}', true)::int");
	expect(0, HOLD);
	expect(2500, TOLD);
}

static void a_block_or_a_new_name_ends_very_many_sessions_too(void **state)
{
	(void)state;
	give_sessions();
	server_sql("UPDATE accounts SET blocked = true WHERE username = 'bob'");
	server_sql("UPDATE accounts SET blocked = false WHERE username = 'bob'");
	expect(0, HOLD);
	server_sql("UPDATE accounts SET username = 'robert' WHERE username = 'bob'");
	expect(0, HOLD);
	take_all();
	expect(2500, TOLD);
}

static void give_mails_and_tokens(void)
{
	server_sql("INSERT INTO wizards (account_id, token_hash, provisioning_account_id)"
		   " SELECT a.id, sha256(('to bob' || i)::bytea), " BOB
		   " FROM generate_series(1, " MANY ") i, accounts a WHERE username = 'user1'");
	server_sql("INSERT INTO jobs (kind, domain, account_id, payload, expires_at, ended_at)"
		   " SELECT 'mail.welcome', 'a.example', " BOB ", '{}', now() + interval '1 day',"
		   " CASE WHEN i <= 2000 THEN now() END FROM generate_series(1, " MANY ") i");
	server_sql("INSERT INTO account_creation_tokens (token_hash, domain, used, account_id)"
		   " SELECT sha256(i::text::bytea), 'a.example', true, " BOB
		   " FROM generate_series(1, " MANY ") i");
	server_sql("INSERT INTO account_recovery_tokens (token_hash, domain, pn_provider, pn_param,"
		   " pn_prid, used, account_id, expires_at) SELECT sha256(i::text::bytea),"
		   " 'a.example', 'fcm', 'x', 'x', true, " BOB ", now()"
		   " FROM generate_series(1, " MANY ") i");
	server_sql("INSERT INTO reset_password_email_tokens (account_id, token_hash, used, email,"
		   " expires_at) SELECT " BOB ", sha256(i::text::bytea), true, 'x', now()"
		   " FROM generate_series(1, " MANY ") i");
}

/* Of the users of setup_many. */
static void forward_all_to_bob(void)
{
	server_sql(
		"INSERT INTO call_forwardings (account_id, type, forward_to, contact_id, enabled)"
		" SELECT id, 'always', 'contact', " BOB ", true FROM accounts"
		" WHERE username <> 'bob'");
}

/* What an account that is gone has left. */
#define LEFT(table, column)                                               \
	"SELECT count(*) FROM " table " t WHERE t." column " IS NOT NULL" \
	" AND NOT EXISTS (SELECT FROM accounts a WHERE a.id = t." column ")"

static void an_account_goes_at_once_and_what_it_has_very_much_of_later(void **state)
{
	static const char *const left[] = { LEFT("sessions", "account_id"),
		LEFT("known_networks", "account_id"), LEFT("provisioning_tokens", "account_id"),
		LEFT("wizards", "account_id"), LEFT("contacts", "account_id"),
		LEFT("contacts", "contact_id"), LEFT("wizards", "provisioning_account_id"),
		LEFT("call_forwardings", "contact_id"), LEFT("jobs", "account_id"),
		LEFT("account_creation_tokens", "account_id"),
		LEFT("account_recovery_tokens", "account_id"),
		LEFT("reset_password_email_tokens", "account_id") };

	(void)state;
	give_sessions();
	give_mails_and_tokens();
	server_sql("INSERT INTO known_networks SELECT " BOB ", 'n' || i, now()"
		   " FROM generate_series(1, " MANY ") i");
	server_sql("INSERT INTO provisioning_tokens (account_id, token_hash, token_sealed, used)"
		   " SELECT " BOB
		   ", sha256(i::text::bytea), '\\x01', i > 1 FROM generate_series(1, " MANY ") i");
	server_sql("INSERT INTO wizards (account_id, token_hash)"
		   " SELECT " BOB ", sha256(i::text::bytea) FROM generate_series(1, " MANY ") i");
	forward_all_to_bob();
	server_sql("INSERT INTO contacts SELECT " BOB ", id FROM accounts");
	server_sql("INSERT INTO contacts SELECT id, " BOB " FROM accounts WHERE username <> 'bob'");
	server_sql("TRUNCATE outbox");
	server_sql("DELETE FROM accounts WHERE username = 'bob'");
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		assert_in_range(server_sql(left[i]), 1400, 1501);
	expect(1, "SELECT count(*) FROM accounts_tombstones WHERE username = 'bob'");
	/* Those that are still to be done go first. */
	expect(0, "SELECT count(*) FROM jobs WHERE ended_at IS NULL");
	take_all();
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		expect(0, left[i]);
	expect(2500, TOLD);
	expect(1, "SELECT count(*) FROM outbox WHERE kind = 'account.deleted' AND username = 'bob'"
		  " AND id > (SELECT min(id) FROM outbox WHERE kind = 'permissions.changed')");
	/* They count against the devices they were sent to. */
	expect(2500, "SELECT count(*) FROM account_creation_tokens");
	expect(2500, "SELECT count(*) FROM account_recovery_tokens");
}

static void a_call_forwarding_to_an_account_that_is_gone_is_none_and_keeps_no_other_out(
	void **state)
{
	(void)state;
	server_sql("UPDATE accounts SET activated = true");
	forward_all_to_bob();
	server_sql("INSERT INTO cti_users (account_id, presence, presence_to)"
		   " SELECT id, 'callforward', '5' FROM accounts");
	expect(2500, "SELECT count(*) FROM sip.call_forward WHERE target LIKE 'sip:bob@%'");
	server_sql("DELETE FROM accounts WHERE username = 'bob'");
	expect(1500, "SELECT count(*) FROM call_forwardings");
	expect(0, "SELECT count(*) FROM call_forwardings_found");
	expect(2500, "SELECT count(*) FROM sip.call_forward WHERE type = 'always'"
		     " AND target = 'sip:5@a.example'");
	server_sql("INSERT INTO call_forwardings (account_id, type, forward_to, enabled)"
		   " SELECT id, 'always', 'voicemail', true FROM accounts");
	take_all();
	expect(2500, "SELECT count(*) FROM call_forwardings");
	expect(2500, "SELECT count(*) FROM sip.call_forward WHERE target LIKE 'sip:voicemail@%'");
}

static void nothing_comes_for_an_owner_that_is_not_there(void **state)
{
	(void)state;
	expect_refused("INSERT INTO sessions (jti, account_id, expires_at)"
		       " VALUES ('a-session-of-nothing', 0, now())");
	expect_refused("INSERT INTO known_networks VALUES (0, 'n', now())");
	expect_refused("INSERT INTO provisioning_tokens (account_id, token_hash, token_sealed)"
		       " VALUES (0, sha256('x'), '\\x01')");
	expect_refused("INSERT INTO wizards (account_id, token_hash) VALUES (0, sha256('x'))");
	expect_refused("INSERT INTO wizards (account_id, token_hash, provisioning_account_id)"
		       " SELECT id, sha256('x'), 0 FROM accounts LIMIT 1");
	expect_refused("INSERT INTO jobs (kind, domain, account_id, payload, expires_at)"
		       " VALUES ('mail.welcome', 'a.example', 0, '{}', now())");
	expect_refused("INSERT INTO account_creation_tokens (token_hash, domain, used, account_id)"
		       " VALUES (sha256('x'), 'a.example', true, 0)");
	expect_refused(
		"INSERT INTO account_recovery_tokens (token_hash, domain, pn_provider, pn_param,"
		" pn_prid, used, account_id, expires_at) VALUES (sha256('x'), 'a.example',"
		" 'fcm', 'x', 'x', true, 0, now())");
	expect_refused("INSERT INTO reset_password_email_tokens (account_id, token_hash, email,"
		       " expires_at) VALUES (0, sha256('x'), 'x', now())");
	expect_refused(
		"INSERT INTO call_forwardings (account_id, type, forward_to, contact_id, enabled)"
		" SELECT id, 'always', 'contact', 0, true FROM accounts LIMIT 1");
	expect_refused("INSERT INTO contacts SELECT id, 0 FROM accounts LIMIT 1");
	expect_refused("INSERT INTO contacts SELECT 0, id FROM accounts LIMIT 1");
	expect_refused("INSERT INTO contacts_list_contact SELECT 0, id FROM accounts LIMIT 1");
	expect_refused("INSERT INTO account_contacts_list SELECT id, 0 FROM accounts LIMIT 1");
	expect_refused("INSERT INTO cti_users (account_id, profile_id) SELECT id, 1 FROM accounts "
		       "LIMIT 1");
	server_sql("INSERT INTO cti_users (account_id) SELECT id FROM accounts LIMIT 1");
	expect_refused("UPDATE cti_users SET profile_id = 1");
}

/* The transaction that writes a row holds its owner, and none comes behind the back of one that goes. */
static void an_owner_that_goes_waits_for_who_writes_for_it_and_takes_the_row_along(void **state)
{
	PGconn *writer = PQconnectdb(""), *remover = PQconnectdb("");

	(void)state;
	PQclear(PQexec(writer, "BEGIN"));
	PQclear(PQexec(writer, "INSERT INTO sessions (jti, account_id, expires_at) SELECT"
			       " 'session-that-was-written', id, now() + interval '1 day'"
			       " FROM accounts WHERE username = 'bob'"));
	assert_int_equal(PQsendQuery(remover, "DELETE FROM accounts WHERE username = 'bob'"), 1);
	while (!server_sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
		;
	PQclear(PQexec(writer, "COMMIT"));
	PQclear(PQgetResult(remover));
	PQfinish(writer);
	PQfinish(remover);
	expect(0, "SELECT count(*) FROM accounts WHERE username = 'bob'");
	expect(0, "SELECT count(*) FROM sessions");
	expect(1, TOLD);
}

static void users_of_a_profile_that_is_gone_are_without_one_and_each_is_told(void **state)
{
	(void)state;
	server_sql("INSERT INTO profiles (domain, name) VALUES ('a.example', 'p')");
	server_sql("INSERT INTO cti_users (account_id, profile_id) SELECT a.id, p.id"
		   " FROM accounts a, profiles p WHERE a.username <> 'bob'");
	server_sql("TRUNCATE outbox");
	server_sql("DELETE FROM profiles");
	server_sql("INSERT INTO profiles (domain, name) VALUES ('a.example', 'p')");
	expect(1500, "SELECT count(*) FROM cti_users WHERE profile_id IS NOT NULL");
	take_all();
	expect(0, "SELECT count(*) FROM cti_users WHERE profile_id IS NOT NULL");
	/* The first thousand together with all that have the default profile. */
	expect(1, "SELECT count(*) FROM outbox WHERE profile_id = 0");
	expect(1500,
		"SELECT count(DISTINCT account_id) FROM outbox WHERE kind = 'permissions.changed'");
}

static void a_contacts_list_that_is_gone_leaves_accounts_and_contacts(void **state)
{
	(void)state;
	server_sql("INSERT INTO contacts_lists (domain, title, description)"
		   " VALUES ('a.example', 't', 'd'), ('a.example', 'other', 'd')");
	server_sql("INSERT INTO contacts_list_contact SELECT l.id, a.id FROM contacts_lists l, "
		   "accounts a");
	server_sql("INSERT INTO account_contacts_list SELECT a.id, l.id FROM contacts_lists l, "
		   "accounts a");
	server_sql("DELETE FROM contacts_lists WHERE title = 't'");
	expect(4002, "SELECT count(*) FROM contacts_list_contact");
	take_all();
	expect(2501, "SELECT count(*) FROM contacts_list_contact");
	expect(2501, "SELECT count(*) FROM account_contacts_list");
	expect(2501, "SELECT contacts_count FROM contacts_lists");
}

static void a_password_of_two_algorithms_is_told_once_and_a_new_account_ends_nothing(void **state)
{
	(void)state;
	server_sql("INSERT INTO passwords VALUES (" BOB ", repeat('0', 32), 'MD5'),"
		   " (" BOB ", repeat('0', 64), 'SHA-256')");
	expect(1, "SELECT count(*) FROM outbox WHERE kind = 'permissions.changed'");
	expect(2, "SELECT jsonb_array_length(algorithms) FROM accounts WHERE username = 'bob'");
	server_sql("WITH a AS (INSERT INTO accounts (username, domain) VALUES ('new', 'a.example') "
		   "RETURNING id)"
		   " INSERT INTO passwords SELECT id, repeat('0', 32), 'MD5' FROM a");
	expect(1, "SELECT count(*) FROM outbox WHERE kind = 'permissions.changed'");
	expect(1, "SELECT jsonb_array_length(algorithms) FROM accounts WHERE username = 'new'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			very_many_sessions_end_at_once_and_are_told_a_part_at_a_time, setup),
		cmocka_unit_test_setup(
			a_session_that_is_spared_goes_on_whatever_place_it_has, setup),
		cmocka_unit_test_setup(a_block_or_a_new_name_ends_very_many_sessions_too, setup),
		cmocka_unit_test_setup(
			an_account_goes_at_once_and_what_it_has_very_much_of_later, setup_many),
		cmocka_unit_test_setup(
			a_call_forwarding_to_an_account_that_is_gone_is_none_and_keeps_no_other_out,
			setup_many),
		cmocka_unit_test_setup(nothing_comes_for_an_owner_that_is_not_there, setup),
		cmocka_unit_test_setup(
			an_owner_that_goes_waits_for_who_writes_for_it_and_takes_the_row_along,
			setup),
		cmocka_unit_test_setup(
			users_of_a_profile_that_is_gone_are_without_one_and_each_is_told,
			setup_many),
		cmocka_unit_test_setup(
			a_contacts_list_that_is_gone_leaves_accounts_and_contacts, setup_many),
		cmocka_unit_test_setup(
			a_password_of_two_algorithms_is_told_once_and_a_new_account_ends_nothing,
			setup),
	};

	return cmocka_run_group_tests(tests, setup_group, NULL);
}
