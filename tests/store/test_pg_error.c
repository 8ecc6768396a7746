#include "live.h"

#include <sys/wait.h>
#include <unistd.h>

enum { ADD, COUNT, TOUCH, SLOW, GUARDED };

static const struct stmt stmts[] = {
	[ADD] = {
		.name = "add",
		.params = { PG_INT, PG_TEXT },
		.sql = "INSERT INTO thing (id, name) VALUES ($1, $2)",
	},
	[COUNT] = {
		.name = "count",
		NUMBER_ROW,
		.rows = PG_ONE,
		.sql = "SELECT count(*) AS n FROM thing",
	},
	[TOUCH] = {
		.name = "touch",
		.params = { PG_INT },
		.sql = "UPDATE thing SET name = name || '.' WHERE id = $1",
	},
	[SLOW] = {
		.name = "slow",
		NUMBER_ROW,
		.rows = PG_MANY,
		.sql = "SELECT 1::bigint AS n FROM pg_sleep(60)",
	},
	[GUARDED] = {
		.name = "guarded",
		NUMBER_ROW,
		.rows = PG_ONE,
		.sql = "SELECT count_guarded() AS n",
	},
	{ 0 },
};

static int setup(void **state)
{
	server_sql("DROP FUNCTION IF EXISTS count_guarded()");
	server_sql("DROP TABLE IF EXISTS thing");
	server_sql("CREATE TABLE thing (id bigint PRIMARY KEY, name text NOT NULL,"
		   " CONSTRAINT thing_name_unique UNIQUE (name) DEFERRABLE,"
		   " CONSTRAINT thing_name_short CHECK (length(name) < 10))");
	server_sql("DROP ROLE IF EXISTS weak");
	server_sql("CREATE ROLE weak");
	server_sql("CREATE FUNCTION count_guarded() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
		   " AS 'SELECT count(*) FROM thing'");
	server_sql("ALTER FUNCTION count_guarded() OWNER TO weak");
	return open_fixture(state, stmts, 300);
}

static enum err add(struct fixture *f, int64_t id, const char *name)
{
	return pg_run(f->pg, &stmts[ADD], NULL, PG_VALUES(pg_int(id), pg_text(name)));
}

static int64_t count(struct fixture *f)
{
	return number_of(f, &stmts[COUNT]);
}

static void a_unique_violation_names_its_constraint(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(add(f, 1, "a"), ERR_OK);
	assert_int_equal(add(f, 2, "a"), ERR_CONFLICT);
	assert_string_equal(pg_constraint(f->pg), "thing_name_unique");
	assert_int_equal(add(f, 1, "b"), ERR_CONFLICT);
	assert_string_equal(pg_constraint(f->pg), "thing_pkey");
}

static void the_constraint_is_forgotten_by_the_next_statement(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(add(f, 1, "a"), ERR_OK);
	assert_int_equal(add(f, 1, "b"), ERR_CONFLICT);
	assert_int_equal(count(f), 1);
	assert_string_equal(pg_constraint(f->pg), "");
}

static void check_and_not_null_are_invalid(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(add(f, 1, "much too long"), ERR_INVALID);
	assert_string_equal(pg_constraint(f->pg), "thing_name_short");
	assert_int_equal(add(f, 1, NULL), ERR_INVALID);
}

static void a_command_tells_how_many_rows_it_touched(void **state)
{
	struct fixture *f = *state;
	int64_t n = -1;

	assert_int_equal(add(f, 1, "a"), ERR_OK);
	assert_int_equal(pg_run(f->pg, &stmts[TOUCH], &n, PG_VALUES(pg_int(1))), ERR_OK);
	assert_int_equal(n, 1);
	assert_int_equal(pg_run(f->pg, &stmts[TOUCH], &n, PG_VALUES(pg_int(2))), ERR_OK);
	assert_int_equal(n, 0);
}

static void a_committed_transaction_stays(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	assert_int_equal(add(f, 1, "a"), ERR_OK);
	assert_int_equal(add(f, 2, "b"), ERR_OK);
	assert_int_equal(server_sql("SELECT count(*) FROM thing"), 0);
	assert_int_equal(pg_commit(f->pg), ERR_OK);
	assert_int_equal(server_sql("SELECT count(*) FROM thing"), 2);
}

static void an_error_inside_a_transaction_undoes_all_of_it(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	assert_int_equal(add(f, 1, "a"), ERR_OK);
	assert_int_equal(add(f, 1, "b"), ERR_CONFLICT);
	pg_rollback(f->pg);
	assert_int_equal(count(f), 0);
}

static void an_error_in_the_first_statement_ends_in_a_roll_back_too(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	assert_int_equal(add(f, 1, NULL), ERR_INVALID);
	pg_rollback(f->pg);
	assert_int_equal(add(f, 1, "a"), ERR_OK);
	assert_int_equal(server_sql("SELECT count(*) FROM thing"), 1);
}

static void committing_a_failed_transaction_is_not_ok(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	assert_int_equal(add(f, 1, "a"), ERR_OK);
	assert_int_equal(add(f, 1, "b"), ERR_CONFLICT);
	assert_int_equal(pg_commit(f->pg), ERR_INTERNAL);
	assert_int_equal(pg_begin(f->pg), ERR_OK);
	assert_int_equal(count(f), 0);
}

static void a_deferred_constraint_speaks_at_commit(void **state)
{
	struct fixture *f = *state;

	server_sql("ALTER TABLE thing DROP CONSTRAINT thing_name_unique,"
		   " ADD CONSTRAINT thing_name_late UNIQUE (name) INITIALLY DEFERRED");
	assert_int_equal(pg_begin(f->pg), ERR_OK);
	assert_int_equal(add(f, 1, "a"), ERR_OK);
	assert_int_equal(add(f, 2, "a"), ERR_OK);
	assert_int_equal(pg_commit(f->pg), ERR_CONFLICT);
	assert_string_equal(pg_constraint(f->pg), "thing_name_late");
	assert_int_equal(count(f), 0);
}

static void an_empty_transaction_costs_nothing_and_is_fine(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	assert_int_equal(pg_commit(f->pg), ERR_OK);
	assert_int_equal(count(f), 0);
}

static void a_statement_that_takes_too_long_is_ended_and_the_connection_stays(void **state)
{
	struct fixture *f = *state;
	pid_t before = backend(f);
	void *rows;
	size_t n;

	assert_int_equal(
		pg_many(f->pg, &stmts[SLOW], f->arena, &rows, &n, PG_NO_VALUES), ERR_UNAVAILABLE);
	assert_int_equal(backend(f), before);
}

/* Locks one row, says so, waits for the other side, then wants the other row. */
static enum err lock_both(struct pg *pg, int64_t first, int64_t second, int tell, int hear)
{
	char c = 0;
	enum err e;

	e = pg_begin(pg);
	if (e == ERR_OK)
		e = pg_run(pg, &stmts[TOUCH], NULL, PG_VALUES(pg_int(first)));
	if (e != ERR_OK || write(tell, &c, 1) != 1 || read(hear, &c, 1) != 1)
		return ERR_INTERNAL;
	e = pg_run(pg, &stmts[TOUCH], NULL, PG_VALUES(pg_int(second)));
	if (e == ERR_OK)
		return pg_commit(pg);
	pg_rollback(pg);
	return e;
}

static void of_two_in_a_deadlock_one_is_told_to_retry(void **state)
{
	struct fixture *f = *state;
	int there[2], back[2], status;
	enum err mine, theirs;
	pid_t child;

	assert_int_equal(add(f, 1, "a"), ERR_OK);
	assert_int_equal(add(f, 2, "b"), ERR_OK);
	assert_int_equal(pipe(there) | pipe(back), 0);
	child = fork();
	if (child == 0) {
		struct pg *pg = server_pg(stmts, 5000);

		_exit((int)lock_both(pg, 2, 1, back[1], there[0]));
	}
	mine = lock_both(f->pg, 1, 2, there[1], back[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	theirs = (enum err)WEXITSTATUS(status);
	assert_true(
		(mine == ERR_RETRY && theirs == ERR_OK) || (mine == ERR_OK && theirs == ERR_RETRY));
}

/* What is logged meanwhile goes to a pipe instead of the terminal. */
static void log_of(void (*fn)(struct fixture *f), struct fixture *f, char *log, size_t size)
{
	int fds[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	fn(f);
	assert_int_equal(write(STDERR_FILENO, "\n", 1), 1);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fds[1]);
	n = read(fds[0], log, size - 1);
	close(fds[0]);
	log[n > 0 ? n : 0] = '\0';
}

static void slow_thrice(struct fixture *f)
{
	void *rows;
	size_t n;

	for (int i = 0; i < 3; i++)
		assert_int_equal(pg_many(f->pg, &stmts[SLOW], f->arena, &rows, &n, PG_NO_VALUES),
			ERR_UNAVAILABLE);
}

/* In the log and of the connection, with its code and what to do. */
static void assert_told_once(struct fixture *f, void (*fail)(struct fixture *f),
	const char *statement, const char *code, const char *advice)
{
	char log[4096], begin[64];

	snprintf(begin, sizeof(begin), "statement %s failed: ", statement);
	log_of(fail, f, log, sizeof(log));
	const char *line = strstr(log, begin);

	assert_non_null(line);
	assert_ptr_equal(strstr(line, code), line + strlen(begin));
	assert_non_null(strstr(line, advice));
	assert_null(strstr(line + 1, begin));
	assert_non_null(strstr(pg_why(f->pg), code));
}

static void what_becomes_503_is_logged_once_with_its_code_and_what_to_do(void **state)
{
	assert_told_once(*state, slow_thrice, "slow", "57014", "pg_query_timeout_ms");
}

static void read_guarded_thrice(struct fixture *f)
{
	struct number r;

	for (int i = 0; i < 3; i++)
		assert_int_equal(
			pg_one(f->pg, &stmts[GUARDED], NULL, &r, PG_NO_VALUES), ERR_UNAVAILABLE);
}

static void a_right_that_is_missing_is_told_once_and_can_be_given_meanwhile(void **state)
{
	struct fixture *f = *state;
	pid_t before = backend(f);

	assert_told_once(f, read_guarded_thrice, "guarded", "42501", "dialtonectl doctor");
	server_sql("GRANT SELECT ON thing TO weak");
	assert_int_equal(number_of(f, &stmts[GUARDED]), 0);
	assert_int_equal(backend(f), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		FRESH(a_unique_violation_names_its_constraint),
		FRESH(the_constraint_is_forgotten_by_the_next_statement),
		FRESH(check_and_not_null_are_invalid),
		FRESH(a_command_tells_how_many_rows_it_touched),
		FRESH(a_committed_transaction_stays),
		FRESH(an_error_inside_a_transaction_undoes_all_of_it),
		FRESH(what_becomes_503_is_logged_once_with_its_code_and_what_to_do),
		FRESH(a_right_that_is_missing_is_told_once_and_can_be_given_meanwhile),
		FRESH(an_error_in_the_first_statement_ends_in_a_roll_back_too),
		FRESH(committing_a_failed_transaction_is_not_ok),
		FRESH(a_deferred_constraint_speaks_at_commit),
		FRESH(an_empty_transaction_costs_nothing_and_is_fine),
		FRESH(a_statement_that_takes_too_long_is_ended_and_the_connection_stays),
		FRESH(of_two_in_a_deadlock_one_is_told_to_retry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
