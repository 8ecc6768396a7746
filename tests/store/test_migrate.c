#define _GNU_SOURCE
#include "server.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "pg/migrate.h"

#define FIRST                                                                             \
	{                                                                                 \
		1, "first", "aa", "CREATE TABLE one (n int); INSERT INTO one VALUES (1);" \
	}
#define SECOND                                                  \
	{                                                       \
		2, "second", "bb", "INSERT INTO one VALUES (2)" \
	}

static const struct pg_settings settings = { .conninfo = "" };
static const struct migration both[] = { FIRST, SECOND, { 0 } };

static void keep(void *arg, const char *sentence)
{
	buf_printf(arg, "%s\n", sentence);
}

static enum err run(const struct migration *list, struct buf *said)
{
	buf_clear(said);
	return migrate_run(&settings, list, keep, said);
}

static void assert_said(const struct buf *said, const char *words)
{
	if (!said->p || !strstr(said->p, words))
		fail_msg("not said: \"%s\", but: %s", words, said->p ? said->p : "");
}

static int setup(void **state)
{
	static struct buf said;

	server_sql("DROP TABLE IF EXISTS schema_migrations, one");
	buf_init(&said, 4096);
	*state = &said;
	return 0;
}

static int teardown(void **state)
{
	buf_finish(*state);
	return 0;
}

static void each_migration_is_applied_once(void **state)
{
	assert_int_equal(run(both, *state), ERR_OK);
	assert_said(*state, "Applied 1 (first).\nApplied 2 (second).\n");
	assert_int_equal(run(both, *state), ERR_OK);
	assert_said(*state, "The database is at version 2.");
	assert_int_equal(server_sql("SELECT count(*) FROM one"), 2);
}

static void a_newer_program_applies_what_is_missing(void **state)
{
	const struct migration first[] = { FIRST, { 0 } };

	assert_int_equal(run(first, *state), ERR_OK);
	assert_int_equal(run(both, *state), ERR_OK);
	assert_int_equal(server_sql("SELECT sum(version) FROM schema_migrations"), 3);
}

static void a_failing_migration_is_undone_and_those_before_it_stay(void **state)
{
	const struct migration list[] = { FIRST,
		{ 2, "bad", "cc", "INSERT INTO one VALUES (5); SELECT 1/0" }, { 0 } };

	assert_int_equal(run(list, *state), ERR_INTERNAL);
	assert_said(*state, "division by zero");
	assert_said(*state, "Migration 2 (bad) failed and was undone.");
	assert_int_equal(server_sql("SELECT count(*) FROM one"), 1);
	assert_int_equal(server_sql("SELECT max(version) FROM schema_migrations"), 1);
}

static void a_migration_may_not_end_its_own_transaction(void **state)
{
	const struct migration list[] = { { 1, "sly", "dd", "CREATE TABLE one (n int); COMMIT" },
		{ 0 } };

	assert_int_equal(run(list, *state), ERR_INTERNAL);
	assert_said(*state, "ends its own transaction");
}

static void a_changed_file_is_refused(void **state)
{
	const struct migration changed[] = { { 1, "first", "ee", "SELECT 1" }, SECOND, { 0 } };

	assert_int_equal(run(both, *state), ERR_OK);
	assert_int_equal(run(changed, *state), ERR_CONFLICT);
	assert_said(*state, "Migration 1 (first) is not the one that was applied");
}

static void a_database_older_than_the_first_release_is_refused_with_the_way_out(void **state)
{
	const struct migration baseline[] = { { 1, "baseline", "ee", "SELECT 1" }, { 0 } };

	assert_int_equal(run(both, *state), ERR_OK);
	assert_int_equal(run(baseline, *state), ERR_CONFLICT);
	assert_said(*state, "its migration 1 is first, not baseline");
	assert_said(*state, "--fresh");
	assert_int_equal(server_sql("SELECT count(*) FROM one"), 2);
}

static void a_database_newer_than_the_program_is_refused(void **state)
{
	const struct migration first[] = { FIRST, { 0 } };

	assert_int_equal(run(both, *state), ERR_OK);
	assert_int_equal(run(first, *state), ERR_CONFLICT);
	assert_said(*state, "older than the database");
}

static void no_server_is_said_and_not_waited_for(void **state)
{
	const struct pg_settings nowhere = { .conninfo = "host=/nonexistent" };

	assert_int_equal(migrate_run(&nowhere, both, keep, *state), ERR_UNAVAILABLE);
	assert_said(*state, "No connection to the database");
}

/* The first holds the lock in a sleeping migration when the second arrives. */
static void two_runs_at_once_apply_everything_once(void **state)
{
	const struct migration list[] = {
		{ 1, "slow", "ff", "CREATE TABLE one AS SELECT 1 AS n; SELECT pg_sleep(0.3)" },
		SECOND, { 0 }
	};
	pid_t children[3];
	int status;

	for (size_t i = 0; i < 3; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit((int)run(list, *state));
	}
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == ERR_OK);
	}
	assert_int_equal(server_sql("SELECT count(*) FROM one"), 2);
}

static void the_status_tells_applied_from_pending_changed_and_unknown(void **state)
{
	const struct migration now[] = { { 1, "first", "other", "" }, { 2, "new", "cc", "" },
		{ 0 } };
	const struct migration first[] = { FIRST, { 0 } };
	struct arena *arena = arena_new(1024);
	struct migration_state *s;
	size_t n;

	assert_int_equal(migrate_status(&settings, both, arena, &s, &n), ERR_OK);
	assert_int_equal(n, 2);
	assert_string_equal(s[0].state, "pending");
	assert_int_equal(run(first, *state), ERR_OK);
	assert_int_equal(migrate_status(&settings, both, arena, &s, &n), ERR_OK);
	assert_string_equal(s[0].state, "applied");
	assert_true(s[0].applied_at > 0);
	assert_string_equal(s[1].state, "pending");
	assert_int_equal(migrate_status(&settings, now, arena, &s, &n), ERR_OK);
	assert_string_equal(s[0].state, "changed");
	assert_int_equal(run(both, *state), ERR_OK);
	assert_int_equal(migrate_status(&settings, first, arena, &s, &n), ERR_OK);
	assert_string_equal(s[1].state, "unknown");
	assert_string_equal(s[1].name, "second");
	arena_free(&arena);
}

static void our_own_migrations_apply_to_an_empty_database(void **state)
{
	assert_int_equal(run(schema_migrations, *state), ERR_OK);
	assert_int_equal(run(schema_migrations, *state), ERR_OK);
	assert_int_equal(server_sql("SELECT count(*) FROM outbox"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		FRESH(each_migration_is_applied_once),
		FRESH(a_newer_program_applies_what_is_missing),
		FRESH(a_failing_migration_is_undone_and_those_before_it_stay),
		FRESH(a_migration_may_not_end_its_own_transaction),
		FRESH(a_changed_file_is_refused),
		FRESH(a_database_older_than_the_first_release_is_refused_with_the_way_out),
		FRESH(a_database_newer_than_the_program_is_refused),
		FRESH(no_server_is_said_and_not_waited_for),
		FRESH(two_runs_at_once_apply_everything_once),
		FRESH(the_status_tells_applied_from_pending_changed_and_unknown),
		FRESH(our_own_migrations_apply_to_an_empty_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
