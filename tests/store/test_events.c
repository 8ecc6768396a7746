/* What the triggers put into the outbox is what the table of kinds (events/event_kind.h) reads. */
#include "server.h"

#include "events/event_kind.h"
#include "pg/migrate.h"

static struct arena *arena;

static void say_nothing(void *arg, const char *sentence)
{
	(void)arg;
	(void)sentence;
}

static PGresult *query(const char *sql)
{
	PGconn *c = PQconnectdb("options=--client_min_messages=warning");
	PGresult *r = PQexec(c, sql);

	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(c));
	PQfinish(c);
	return r;
}

static void every_kind_a_trigger_names_is_in_the_table(void **state)
{
	PGresult *r = query("SELECT DISTINCT m[1] FROM pg_proc p, regexp_matches(prosrc,"
			    " '''([a-z_]+\\.[a-z_]+)''', 'g') m WHERE prosrc ~ 'outbox'"
			    " AND m[1] NOT LIKE 'dialtone.%'"); /* settings */

	(void)state;
	assert_true(PQntuples(r) > 5);
	for (int i = 0; i < PQntuples(r); i++)
		if (!event_kind_find(PQgetvalue(r, i, 0)))
			fail_msg("not in the table: %s", PQgetvalue(r, i, 0));
	PQclear(r);
}

/* The kinds in the outbox, in order, and whether their facts are read. */
static const char *taken(void)
{
	PGresult *r = query("SELECT kind, facts FROM outbox ORDER BY id");
	const char *text = "";

	for (int i = 0; i < PQntuples(r); i++) {
		const struct event e = { .facts = PQgetisnull(r, i, 1) ? NULL
								       : PQgetvalue(r, i, 1) };
		const struct event_kind *kind = event_kind_find(PQgetvalue(r, i, 0));
		const void *facts;

		assert_non_null(kind);
		assert_int_equal(event_facts(kind, &e, arena, &facts), ERR_OK);
		text = arena_printf(arena, "%s%s%s", text, i ? " " : "", kind->name);
	}
	PQclear(r);
	server_sql("TRUNCATE outbox");
	return text;
}

static void each_change_adds_its_events(void **state)
{
	static const struct {
		const char *change, *kinds;
	} rows[] = {
		{ "INSERT INTO accounts (username, domain) VALUES ('bob', 'd')",
			"account.created" },
		{ "UPDATE accounts SET display_name = 'Bob'", "account.updated" },
		{ "UPDATE accounts SET admin = true", "account.updated permissions.changed" },
		{ "INSERT INTO cti_users (account_id) SELECT id FROM accounts", "" },
		{ "UPDATE cti_users SET presence = 'dnd', on_busy = 'voicemail'",
			"presence.changed presence.changed" },
		{ "UPDATE cti_users SET on_unavailable = 'callforward', on_unavailable_to = '7'",
			"presence.changed" },
		{ "UPDATE cti_users SET presence = 'dnd', cellphone = '1'", "" },
		{ "UPDATE cti_users SET default_device = '201'", "default_device.changed" },
		{ "INSERT INTO cti_settings SELECT id, 'avatar', '\"data:\"' FROM accounts",
			"avatar.changed" },
		{ "INSERT INTO cti_settings SELECT id, 'theme', '\"dark\"' FROM accounts", "" },
		{ "DELETE FROM cti_settings", "avatar.changed" },
		{ "INSERT INTO profiles (domain, name, is_default) VALUES ('d', 'p', true)",
			"permissions.changed_for_profile" },
		{ "UPDATE cti_users SET profile_id = (SELECT id FROM profiles)",
			"permissions.changed" },
		{ "INSERT INTO extensions (account_id, domain, exten, type)"
		  " SELECT id, 'd', '201', 'physical' FROM accounts",
			"permissions.changed" },
		{ "INSERT INTO sessions (jti, account_id, expires_at) SELECT 'session-number-' || "
		  "i,"
		  " id, now() + interval '1 day' FROM accounts, generate_series(1, 2) i",
			"" },
		{ "UPDATE sessions SET replaced_by = 'session-number-2', revoked_at = now() +"
		  " interval '10 s' WHERE jti = 'session-number-1'",
			"session.replaced" },
		{ "INSERT INTO passwords (account_id, password, algorithm)"
		  " SELECT id, repeat('0', 32 * n), CASE n WHEN 1 THEN 'MD5' ELSE 'SHA-256' END"
		  " FROM accounts, generate_series(1, 2) n",
			"sessions.ended permissions.changed" },
		{ "UPDATE passwords SET password = translate(password, '0', '1')",
			"permissions.changed" },
		{ "DELETE FROM passwords", "permissions.changed" },
		{ "INSERT INTO sessions (jti, account_id, expires_at) SELECT 'session-number-3',"
		  " id, now() + interval '1 day' FROM accounts",
			"" },
		{ "UPDATE accounts SET blocked = true",
			"sessions.ended permissions.changed account.updated" },
		{ "UPDATE spaces SET two_factor_policy = 'required'",
			"permissions.changed_for_profile permissions.changed_for_profile" },
		{ "DELETE FROM accounts", "permissions.changed account.deleted" },
	};

	(void)state;
	server_sql("INSERT INTO spaces (domain, host, name) VALUES ('d', 'd', 'D')");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *kinds;

		server_sql(rows[i].change);
		kinds = taken();
		if (strcmp(kinds, rows[i].kinds) != 0)
			fail_msg("%s: %s", rows[i].change, kinds);
	}
}

static int prepare(void **state)
{
	const struct pg_settings settings = { .conninfo = "" };

	(void)state;
	arena = arena_new(4096);
	return migrate_run(&settings, schema_migrations, say_nothing, NULL) == ERR_OK ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_a_trigger_names_is_in_the_table),
		cmocka_unit_test(each_change_adds_its_events),
	};

	return cmocka_run_group_tests(tests, prepare, end);
}
