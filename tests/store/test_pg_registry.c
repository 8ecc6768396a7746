#include "server.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct thing {
	int64_t id;
	const char *name;
};

static const struct field thing_fields[] = {
	FIELD_INT(thing, id),
	FIELD_TEXT(thing, name),
	{ .name = "label",
		.type = FIELD_TYPE_TEXT,
		.offset = offsetof(struct thing, name),
		.flags = FIELD_ALIAS },
	FIELDS_END,
};

#define SELECTS(sql_)                                                            \
	{                                                                        \
		.name = "thing_list", .params = { PG_INT }, .row = thing_fields, \
		.row_size = sizeof(struct thing), .rows = PG_MANY, .sql = sql_   \
	}

/* The same with values by name. */
#define SELECTS_NAMED(in_, row_, sql_)                                                         \
	{                                                                                      \
		.name = "thing_list", .in = in_, .in_size = sizeof(struct thing), .row = row_, \
		.row_size = sizeof(struct thing), .rows = PG_MANY, .sql = sql_                 \
	}

/* What is logged goes to a pipe instead of the terminal. */
static enum err connect_reading_log(const struct stmt *bad, char *log, size_t size)
{
	static const struct stmt good[] = {
		{ .name = "good", .params = { PG_INT }, .sql = "DELETE FROM thing WHERE id = $1" },
		{ 0 },
	};
	struct stmt list[] = { *bad, { 0 } };
	struct pg *pg = server_pg(good, 1000);
	int fds[2], saved = dup(STDERR_FILENO);
	enum err e;
	ssize_t n;

	pg_register(pg, list);
	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	e = pg_connect(pg);
	assert_int_equal(write(STDERR_FILENO, "\n", 1), 1);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fds[1]);
	n = read(fds[0], log, size - 1);
	close(fds[0]);
	log[n > 0 ? n : 0] = '\0';
	pg_free(&pg);
	return e;
}

static void assert_refused(struct stmt bad, const char *why)
{
	char log[2048];

	assert_int_equal(connect_reading_log(&bad, log, sizeof(log)), ERR_INTERNAL);
	if (!strstr(log, "thing_list") || !strstr(log, why))
		fail_msg("the log does not say \"thing_list ... %s\": %s", why, log);
}

static int setup(void **state)
{
	(void)state;
	server_sql("CREATE TABLE IF NOT EXISTS thing (id bigint, name text, tag varchar(9), day "
		   "date)");
	return 0;
}

static void a_fitting_statement_is_accepted(void **state)
{
	struct stmt good = SELECTS("SELECT id, name FROM thing WHERE id > $1");
	struct stmt varchar = SELECTS("SELECT id, tag AS name FROM thing WHERE id > $1");
	char log[2048];

	(void)state;
	assert_int_equal(connect_reading_log(&good, log, sizeof(log)), ERR_OK);
	assert_int_equal(connect_reading_log(&varchar, log, sizeof(log)), ERR_OK);
}

static void a_statement_that_does_not_fit_is_refused_by_name(void **state)
{
	(void)state;
	assert_refused((struct stmt)SELECTS("SELECT id, nom FROM thing WHERE id > $1"), "nom");
	assert_refused((struct stmt)SELECTS("SELECT id, name FROM gone WHERE id > $1"), "gone");
	assert_refused((struct stmt)SELECTS("SELECT id name thing WHERE $1"), "syntax error");
}

static void columns_must_be_those_of_the_row_in_order(void **state)
{
	(void)state;
	assert_refused((struct stmt)SELECTS("SELECT name, id FROM thing WHERE id > $1"),
		"column 1 is name, not id");
	assert_refused((struct stmt)SELECTS("SELECT id FROM thing WHERE id > $1"),
		"column name is missing");
	assert_refused((struct stmt)SELECTS("SELECT id, name, day FROM thing WHERE id > $1"),
		"returns columns");
	assert_refused((struct stmt)SELECTS("SELECT id, day AS name FROM thing WHERE id > $1"),
		"column name has another type");
}

static void parameters_must_be_those_declared(void **state)
{
	(void)state;
	assert_refused((struct stmt)SELECTS("SELECT id, name FROM thing"), "number of parameters");
	assert_refused((struct stmt)SELECTS("SELECT id, name FROM thing WHERE id > $1 AND id < $2"),
		"number of parameters");
	assert_refused((struct stmt)SELECTS("SELECT id, name FROM thing WHERE name = $1"),
		"operator does not exist");
}

static void names_and_types_of_a_struct_are_held_against_the_schema(void **state)
{
	static const struct field tagged[] = { FIELD_INT(thing, id),
		FIELD_TEXT(thing, name, .column = "tag"), FIELDS_END };
	static const struct field gone[] = { FIELD_INT(thing, id),
		FIELD_TEXT(thing, name, .column = "nom"), FIELDS_END };
	static const struct field dated[] = { FIELD_INT(thing, id),
		FIELD_TEXT(thing, name, .column = "day"), FIELDS_END };
	static const char sql[] = "SELECT {row t} FROM thing t WHERE id > $id";
	struct stmt good = SELECTS_NAMED(thing_fields, tagged, sql);
	char log[2048];

	(void)state;
	assert_int_equal(connect_reading_log(&good, log, sizeof(log)), ERR_OK);
	assert_refused((struct stmt)SELECTS_NAMED(thing_fields, gone, sql), "nom");
	assert_refused((struct stmt)SELECTS_NAMED(thing_fields, dated, sql),
		"column name has another type");
	assert_refused((struct stmt)SELECTS_NAMED(thing_fields, thing_fields,
			       "SELECT {row} FROM thing WHERE id > $name"),
		"operator does not exist");
	assert_refused((struct stmt)SELECTS_NAMED(dated, thing_fields,
			       "WITH t AS (INSERT INTO thing ({in}) VALUES ({values}) RETURNING *)"
			       " SELECT {row} FROM t"),
		"day");
}

/* Runs register in a child. */
static bool dies(const struct stmt *stmts)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct pg_settings settings = { .conninfo = "" };
		struct pg *pg = pg_new(&settings);

		close(STDERR_FILENO);
		pg_register(pg, stmts);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) != 0;
}

static void a_name_used_twice_ends_the_program(void **state)
{
	const struct stmt twice[] = { { .name = "a", .sql = "SELECT" },
		{ .name = "a", .sql = "SELECT" }, { 0 } };

	(void)state;
	assert_true(dies(twice));
}

static void a_row_without_a_cardinality_ends_the_program(void **state)
{
	const struct stmt bad[] = { { .name = "a",
					    .row = thing_fields,
					    .row_size = sizeof(struct thing),
					    .sql = "SELECT" },
		{ 0 } };

	(void)state;
	assert_true(dies(bad));
}

#define NONE      \
	{         \
		0 \
	}
#define PLAIN(name_)                           \
	{                                      \
		.name = name_, .sql = "SELECT" \
	}
#define OF_MANY(name_, ...)                                                         \
	{                                                                           \
		.name = name_, .params = { __VA_ARGS__ }, .row = thing_fields,      \
		.row_size = sizeof(struct thing), .rows = PG_MANY, .of_many = true, \
		.sql = "SELECT"                                                     \
	}

static void what_many_cannot_ask_in_one_ends_the_program(void **state)
{
	const struct stmt good[] = { OF_MANY("a", PG_BOOL, PG_JSON), NONE },
			  arrays[] = { OF_MANY("a", PG_BOOL, PG_INTS), NONE },
			  nothing_asked[] = { OF_MANY("a", PG_NO_TYPE), NONE },
			  nothing_told[] = { { .name = "a",
						     .params = { PG_INT },
						     .of_many = true,
						     .sql = "SELECT" },
				  NONE };

	(void)state;
	assert_false(dies(good));
	assert_true(dies(arrays));
	assert_true(dies(nothing_asked));
	assert_true(dies(nothing_told));
}

/* The server keeps statements by names of at most 63 letters. */
static void the_name_that_many_ask_by_is_a_name_like_others(void **state)
{
#define LETTERS_55 "an_asker_of_a_statement_that_has_a_name_of_fifty_five_l"
	const struct stmt longest[] = { OF_MANY(LETTERS_55, PG_INT), NONE },
			  longer[] = { OF_MANY(LETTERS_55 "x", PG_INT), NONE },
			  alone[] = { PLAIN(LETTERS_55 "x"), NONE },
			  before[] = { PLAIN("a_of_many"), OF_MANY("a", PG_INT), NONE },
			  behind[] = { OF_MANY("a", PG_INT), PLAIN("a_of_many"), NONE };

	(void)state;
	assert_int_equal(strlen(LETTERS_55), 55);
	assert_false(dies(longest));
	assert_true(dies(longer));
	assert_false(dies(alone));
	assert_true(dies(before));
	assert_true(dies(behind));
}

/* Runs the statement in a child, which must die of it. */
static void assert_call_dies(const struct stmt *s, const struct pg_value *values, size_t n)
{
	static const struct stmt stmts[] = { SELECTS_NAMED(thing_fields, thing_fields,
						     "SELECT {row} FROM thing WHERE id > $id"),
		{ 0 } };
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct pg *pg = server_pg(stmts, 1000);
		struct arena *arena = arena_new(1024);
		void *rows;
		size_t count;
		enum err e;

		close(STDERR_FILENO);
		e = pg_many(pg, s ? s : stmts, arena, &rows, &count, values, n);
		(void)e; /* coming here at all is the failure */
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 0);
}

static void a_call_with_other_values_than_declared_ends_the_program(void **state)
{
	static const struct stmt other = SELECTS("SELECT id, name FROM thing WHERE id > $1");
	static const struct field *const wrong = thing_fields;

	(void)state;
	assert_call_dies(NULL, PG_VALUES(pg_int(1)));
	assert_call_dies(NULL, PG_IN(wrong));
	assert_call_dies(NULL, PG_NO_VALUES);
	assert_call_dies(&other, PG_VALUES(pg_int(1)));
}

static void hundreds_of_statements_are_prepared_at_once(void **state)
{
	static char names[600][16];
	static struct stmt many[601];
	struct pg *pg;

	(void)state;
	for (size_t i = 0; i < 600; i++) {
		snprintf(names[i], sizeof(names[i]), "stmt_%zu", i);
		many[i] = (struct stmt){ .name = names[i],
			.params = { PG_INT, PG_TEXT },
			.sql = "UPDATE thing SET name = $2 WHERE id = $1 AND name <> $2" };
	}
	pg = server_pg(many, 1000);
	assert_int_equal(pg_connect(pg), ERR_OK);
	assert_int_equal(pg_run(pg, &many[599], NULL, PG_VALUES(pg_int(1), pg_text("x"))), ERR_OK);
	pg_free(&pg);
}

static void a_statement_made_stale_by_a_migration_is_prepared_anew(void **state)
{
	const struct stmt stmts[] = { SELECTS("SELECT * FROM growing WHERE id > $1"), { 0 } };
	struct arena *arena = arena_new(1024);
	struct pg *pg = server_pg(stmts, 1000);
	void *rows;
	size_t n;

	(void)state;
	server_sql("CREATE TABLE growing (id bigint, name varchar(5))");
	assert_int_equal(pg_connect(pg), ERR_OK);
	server_sql("ALTER TABLE growing ALTER name TYPE text");
	assert_int_equal(
		pg_many(pg, stmts, arena, &rows, &n, PG_VALUES(pg_int(0))), ERR_UNAVAILABLE);
	assert_int_equal(pg_many(pg, stmts, arena, &rows, &n, PG_VALUES(pg_int(0))), ERR_OK);
	pg_free(&pg);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fitting_statement_is_accepted),
		cmocka_unit_test(a_statement_that_does_not_fit_is_refused_by_name),
		cmocka_unit_test(columns_must_be_those_of_the_row_in_order),
		cmocka_unit_test(parameters_must_be_those_declared),
		cmocka_unit_test(names_and_types_of_a_struct_are_held_against_the_schema),
		cmocka_unit_test(a_call_with_other_values_than_declared_ends_the_program),
		cmocka_unit_test(a_name_used_twice_ends_the_program),
		cmocka_unit_test(a_row_without_a_cardinality_ends_the_program),
		cmocka_unit_test(what_many_cannot_ask_in_one_ends_the_program),
		cmocka_unit_test(the_name_that_many_ask_by_is_a_name_like_others),
		cmocka_unit_test(hundreds_of_statements_are_prepared_at_once),
		cmocka_unit_test(a_statement_made_stale_by_a_migration_is_prepared_anew),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
