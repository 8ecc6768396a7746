#include "live.h"
#include "thing.h"

#include <signal.h>

#include "base/clock.h"
#include "base/rows.h"

enum { ADD, GET, LIST, RENAME, RENAME_ALL, COUNT, DIE };

static const struct stmt stmts[] = {
	[ADD] = {
		.name = "add",
		.params = { PG_INT, PG_TEXT },
		THING_ROW,
		.rows = PG_ONE,
		.sql = "INSERT INTO thing (id, name) VALUES ($1, $2) RETURNING id, name",
	},
	[GET] = {
		.name = "get",
		THING_CALLED,
	},
	[LIST] = {
		.name = "list",
		THING_ROW,
		.rows = PG_MANY,
		.sql = "SELECT id, name FROM thing ORDER BY id",
	},
	[RENAME] = {
		.name = "rename",
		.params = { PG_TEXT },
		.rows = PG_NONE,
		.sql = "UPDATE thing SET name = $1",
	},
	[RENAME_ALL] = {
		.name = "rename_all",
		.params = { PG_TEXTS },
		.rows = PG_NONE,
		.sql = "UPDATE thing SET name = array_to_string($1, '')",
	},
	[COUNT] = {
		.name = "count",
		NUMBER_ROW,
		.rows = PG_ONE,
		.sql = "SELECT count(*) AS n FROM thing",
	},
	[DIE] = {
		.name = "die",
		NUMBER_ROW,
		.rows = PG_ONE,
		.sql = "SELECT pg_terminate_backend(pg_backend_pid())::int AS n",
	},
	{ 0 },
};

/* What was not written can be told from what was. */
#define UNTOUCHED        \
	{                \
		-1, NULL \
	}

static int setup(void **state)
{
	server_sql("DROP TABLE IF EXISTS thing");
	server_sql("CREATE TABLE thing (id bigint CONSTRAINT thing_key PRIMARY KEY,"
		   " name text NOT NULL)");
	server_sql("CREATE TABLE IF NOT EXISTS other (name text PRIMARY KEY)");
	return open_fixture(state, stmts, 500);
}

#define ADD_CALL(f, row, id, name)                                                              \
	{                                                                                       \
		.stmt = &stmts[ADD], PG_VALUES(id, name), .arena = (f)->arena, .ret_row = (row) \
	}
#define GET_CALL(f, row, name)                                                      \
	{                                                                           \
		.stmt = &stmts[GET], PG_VALUES(pg_text(name)), .arena = (f)->arena, \
		.ret_row = (row)                                                    \
	}

static void add(struct fixture *f, int64_t id, const char *name)
{
	struct thing t;

	assert_int_equal(
		pg_one(f->pg, &stmts[ADD], f->arena, &t, PG_VALUES(pg_int(id), pg_text(name))),
		ERR_OK);
}

static int64_t count(struct fixture *f)
{
	return number_of(f, &stmts[COUNT]);
}

/* Asks until the back-off lets it through. */
static int64_t count_again(struct fixture *f)
{
	int64_t end = clock_ms() + 5000;
	struct number r = { -1 };
	enum err e;

	do
		e = pg_one(f->pg, &stmts[COUNT], f->arena, &r, PG_NO_VALUES);
	while (e == ERR_UNAVAILABLE && clock_ms() < end);
	return r.n;
}

static void each_call_has_its_own_row(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED, b = UNTOUCHED;
	struct number n = { -1 };
	struct pg_call calls[] = {
		GET_CALL(f, &a, "a"),
		GET_CALL(f, &b, "b"),
		{ .stmt = &stmts[COUNT], .ret_row = &n },
	};

	add(f, 1, "a");
	add(f, 2, "b");
	assert_int_equal(pg_together(f->pg, calls, 3), ERR_OK);
	assert_int_equal(a.id, 1);
	assert_string_equal(a.name, "a");
	assert_int_equal(b.id, 2);
	assert_int_equal(n.n, 2);
}

static void one_call_is_enough(void **state)
{
	struct fixture *f = *state;
	struct number n = { -1 };
	struct pg_call call = { .stmt = &stmts[COUNT], .ret_row = &n };

	assert_int_equal(pg_together(f->pg, &call, 1), ERR_OK);
	assert_int_equal(n.n, 0);
}

static void a_row_that_is_not_there_keeps_the_others(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED, none = UNTOUCHED;
	struct pg_call calls[] = { GET_CALL(f, &none, "none"), GET_CALL(f, &a, "a") };

	add(f, 1, "a");
	assert_int_equal(pg_together(f->pg, calls, 2), ERR_OK);
	assert_int_equal(calls[0].result, ERR_NOT_FOUND);
	assert_int_equal(none.id, -1);
	assert_int_equal(calls[1].result, ERR_OK);
	assert_int_equal(a.id, 1);
}

static void what_comes_behind_a_failure_is_unavailable_and_the_connection_stays(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED, b = UNTOUCHED;
	struct pg_call calls[] = { ADD_CALL(f, &a, pg_int(1), pg_text("b")), GET_CALL(f, &b, "a") };
	pid_t before = backend(f);

	add(f, 1, "a");
	assert_int_equal(pg_together(f->pg, calls, 2), ERR_CONFLICT);
	assert_string_equal(pg_constraint(f->pg), "thing_key");
	assert_int_equal(calls[0].result, ERR_CONFLICT);
	assert_int_equal(calls[1].result, ERR_UNAVAILABLE);
	assert_int_equal(a.id, -1);
	assert_int_equal(b.id, -1);
	assert_int_equal(backend(f), before);
}

static void a_failure_of_the_second_keeps_the_row_of_the_first(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED, b = UNTOUCHED;
	struct pg_call calls[] = { GET_CALL(f, &a, "a"), ADD_CALL(f, &b, pg_int(1), pg_text("b")) };
	pid_t before = backend(f);

	add(f, 1, "a");
	assert_int_equal(pg_together(f->pg, calls, 2), ERR_CONFLICT);
	assert_int_equal(calls[0].result, ERR_OK);
	assert_int_equal(a.id, 1);
	assert_int_equal(calls[1].result, ERR_CONFLICT);
	assert_string_equal(pg_constraint(f->pg), "thing_key");
	assert_int_equal(b.id, -1);
	assert_int_equal(backend(f), before);
}

static void outside_a_transaction_a_failure_undoes_what_came_before(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED, b = UNTOUCHED;
	struct pg_call calls[] = { ADD_CALL(f, &a, pg_int(1), pg_text("a")),
		ADD_CALL(f, &b, pg_int(1), pg_text("b")) };

	assert_int_equal(pg_together(f->pg, calls, 2), ERR_CONFLICT);
	assert_int_equal(count(f), 0);
}

static void begin_travels_with_them(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED, b = UNTOUCHED;
	struct pg_call calls[] = { ADD_CALL(f, &a, pg_int(1), pg_text("a")), GET_CALL(f, &b, "a") };

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	assert_int_equal(pg_together(f->pg, calls, 2), ERR_OK);
	assert_int_equal(b.id, 1);
	assert_int_equal(server_sql("SELECT count(*) FROM thing"), 0);
	assert_int_equal(pg_commit(f->pg), ERR_OK);
	assert_int_equal(server_sql("SELECT count(*) FROM thing"), 1);
}

static void a_failure_behind_begin_ends_in_a_roll_back(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED, b = UNTOUCHED;
	struct pg_call calls[] = { ADD_CALL(f, &a, pg_int(1), pg_text(NULL)),
		GET_CALL(f, &b, "a") };
	pid_t before = backend(f);

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	assert_int_equal(pg_together(f->pg, calls, 2), ERR_INVALID);
	assert_int_equal(calls[1].result, ERR_UNAVAILABLE);
	pg_rollback(f->pg);
	assert_int_equal(count(f), 0);
	assert_int_equal(backend(f), before);
}

static void a_failure_in_an_open_transaction_ends_in_a_roll_back_too(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED, b = UNTOUCHED;
	struct pg_call calls[] = { GET_CALL(f, &a, "a"), ADD_CALL(f, &b, pg_int(1), pg_text("b")) };

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	add(f, 1, "a");
	assert_int_equal(pg_together(f->pg, calls, 2), ERR_CONFLICT);
	assert_int_equal(a.id, 1);
	assert_int_equal(pg_commit(f->pg), ERR_INTERNAL);
	assert_int_equal(count(f), 0);
}

static void the_last_exchange_is_the_whole_transaction(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED, b = UNTOUCHED;
	struct pg_call calls[] = { ADD_CALL(f, &a, pg_int(1), pg_text("a")), GET_CALL(f, &b, "a") };
	uint64_t before = pg_exchanges(f->pg);

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	pg_commit_with_next(f->pg);
	assert_int_equal(pg_together(f->pg, calls, 2), ERR_OK);
	assert_int_equal(server_sql("SELECT count(*) FROM thing"), 1);
	assert_int_equal(pg_commit(f->pg), ERR_OK);
	assert_int_equal(pg_exchanges(f->pg), before + 1);
	assert_int_equal(b.id, 1);
	assert_int_equal(count(f), 1);
}

static void the_last_exchange_commits_what_came_before(void **state)
{
	struct fixture *f = *state;
	struct thing b = UNTOUCHED;
	struct pg_call call = ADD_CALL(f, &b, pg_int(2), pg_text("b"));

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	add(f, 1, "a");
	pg_commit_with_next(f->pg);
	assert_int_equal(pg_together(f->pg, &call, 1), ERR_OK);
	assert_int_equal(server_sql("SELECT count(*) FROM thing"), 2);
	assert_int_equal(pg_commit(f->pg), ERR_OK);
}

static void a_failure_of_the_last_exchange_undoes_all(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED, b = UNTOUCHED;
	struct pg_call whole[] = { ADD_CALL(f, &a, pg_int(1), pg_text("a")),
		ADD_CALL(f, &b, pg_int(1), pg_text("b")) };

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	pg_commit_with_next(f->pg);
	assert_int_equal(pg_together(f->pg, whole, 2), ERR_CONFLICT);
	assert_int_equal(pg_commit(f->pg), ERR_CONFLICT);
	assert_int_equal(count(f), 0);

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	add(f, 1, "a");
	pg_commit_with_next(f->pg);
	assert_int_equal(pg_together(f->pg, &whole[1], 1), ERR_CONFLICT);
	pg_rollback(f->pg);
	assert_int_equal(count(f), 0);
}

static void what_a_commit_itself_refuses_is_no_success(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED;
	struct pg_call call = ADD_CALL(f, &a, pg_int(1), pg_text("a"));

	server_sql(
		"ALTER TABLE thing ADD CONSTRAINT late FOREIGN KEY (name) REFERENCES other (name)"
		" DEFERRABLE INITIALLY DEFERRED");
	assert_int_equal(pg_begin(f->pg), ERR_OK);
	pg_commit_with_next(f->pg);
	assert_int_not_equal(pg_together(f->pg, &call, 1), ERR_OK);
	assert_int_not_equal(pg_commit(f->pg), ERR_OK);
	assert_int_equal(count_again(f), 0);

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	assert_int_equal(count(f), 0);
	pg_commit_with_next(f->pg);
	assert_int_equal(pg_together(f->pg, &call, 1), ERR_OK);
	assert_int_equal(pg_commit(f->pg), ERR_CONFLICT);
	assert_int_equal(count(f), 0);
}

static void nothing_runs_between_the_last_exchange_and_the_commit(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED;
	struct pg_call call = ADD_CALL(f, &a, pg_int(1), pg_text("a"));

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	pg_commit_with_next(f->pg);
	assert_int_equal(pg_together(f->pg, &call, 1), ERR_OK);
	call = (struct pg_call)ADD_CALL(f, &a, pg_int(2), pg_text("b"));
	assert_int_equal(pg_together(f->pg, &call, 1), ERR_INTERNAL);
	pg_rollback(f->pg);
	assert_int_equal(count(f), 1);
}

/* What is to travel with the commit; NULL: nothing. */
static const struct pg_call *part(void *arg)
{
	return arg;
}

static void what_goes_before_the_commit_costs_no_exchange(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED, b = UNTOUCHED, c = UNTOUCHED;
	struct pg_call call = ADD_CALL(f, &a, pg_int(1), pg_text("a"));
	struct pg_call parting = ADD_CALL(f, &b, pg_int(2), pg_text("b"));
	uint64_t before = pg_exchanges(f->pg);

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	pg_before_commit(f->pg, part, &parting);
	pg_commit_with_next(f->pg);
	assert_int_equal(pg_together(f->pg, &call, 1), ERR_OK);
	assert_int_equal(pg_commit(f->pg), ERR_OK);
	assert_int_equal(pg_exchanges(f->pg), before + 1);
	assert_int_equal(count(f), 2);

	parting = (struct pg_call)ADD_CALL(f, &c, pg_int(4), pg_text("d"));
	before = pg_exchanges(f->pg);
	assert_int_equal(pg_begin(f->pg), ERR_OK);
	pg_before_commit(f->pg, part, &parting);
	add(f, 3, "c");
	assert_int_equal(server_sql("SELECT count(*) FROM thing"), 2);
	assert_int_equal(pg_commit(f->pg), ERR_OK);
	assert_int_equal(pg_exchanges(f->pg), before + 2);
	assert_int_equal(count(f), 4);
}

static void without_what_goes_before_it_nothing_is_committed(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED, b = UNTOUCHED;
	struct pg_call call = ADD_CALL(f, &a, pg_int(2), pg_text("b"));
	struct pg_call parting = ADD_CALL(f, &b, pg_int(1), pg_text("a"));

	add(f, 1, "a");
	for (int before = 0; before < 2; before++) {
		assert_int_equal(pg_begin(f->pg), ERR_OK);
		pg_before_commit(f->pg, part, &parting);
		if (before)
			assert_int_equal(count(f), 1);
		pg_commit_with_next(f->pg);
		assert_int_equal(pg_together(f->pg, &call, 1), ERR_OK);
		assert_int_equal(pg_commit(f->pg), ERR_CONFLICT);
		assert_int_equal(count_again(f), 1);
	}
	assert_int_equal(pg_begin(f->pg), ERR_OK);
	pg_before_commit(f->pg, part, &parting);
	add(f, 3, "c");
	assert_int_equal(pg_commit(f->pg), ERR_CONFLICT);
	assert_int_equal(count_again(f), 1);
}

static void what_is_too_long_to_go_before_the_commit_undoes_all(void **state)
{
	struct fixture *f = *state;
	const size_t n = (size_t)17 << 20;
	char *text = malloc(n);
	const char *const texts[] = { text };
	struct pg_call parting = { .stmt = &stmts[RENAME_ALL], PG_VALUES(pg_texts(texts, 1)) };

	memset(text, 'a', n - 1);
	text[n - 1] = '\0';
	assert_int_equal(pg_begin(f->pg), ERR_OK);
	pg_before_commit(f->pg, part, &parting);
	add(f, 1, "a");
	assert_int_equal(pg_commit(f->pg), ERR_INVALID);
	free(text);
	assert_int_equal(count_again(f), 0);
	assert_int_equal(pg_begin(f->pg), ERR_OK);
	add(f, 2, "b");
	assert_int_equal(pg_commit(f->pg), ERR_OK);
	assert_int_equal(count(f), 1);
}

static void nothing_goes_with_what_has_sent_nothing_or_is_rolled_back(void **state)
{
	struct fixture *f = *state;
	struct thing b = UNTOUCHED;
	struct pg_call parting = ADD_CALL(f, &b, pg_int(2), pg_text("b"));
	uint64_t before = pg_exchanges(f->pg);

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	pg_before_commit(f->pg, part, &parting);
	assert_int_equal(pg_commit(f->pg), ERR_OK);
	assert_int_equal(pg_exchanges(f->pg), before);

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	pg_before_commit(f->pg, part, &parting);
	add(f, 1, "a");
	pg_rollback(f->pg);
	assert_int_equal(pg_begin(f->pg), ERR_OK);
	pg_before_commit(f->pg, part, NULL);
	add(f, 1, "a");
	assert_int_equal(pg_commit(f->pg), ERR_OK);
	assert_int_equal(count(f), 1);
}

static void commands_and_lists_travel_with_others(void **state)
{
	struct fixture *f = *state;
	struct rows rows = { 0 };
	struct thing a = UNTOUCHED;
	struct pg_call calls[] = { { .stmt = &stmts[RENAME], PG_VALUES(pg_text("c")) },
		{ .stmt = &stmts[LIST], .arena = f->arena, .ret_row = &rows },
		GET_CALL(f, &a, "none") };

	add(f, 1, "a");
	add(f, 2, "b");
	assert_int_equal(pg_together(f->pg, calls, 3), ERR_OK);
	assert_int_equal(rows.n, 2);
	assert_int_equal(((struct thing *)rows.items)[1].id, 2);
	assert_string_equal(((struct thing *)rows.items)[1].name, "c");
	assert_int_equal(calls[2].result, ERR_NOT_FOUND);
}

static void a_server_that_dies_between_is_unavailable_for_all(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED, b = UNTOUCHED;
	struct number n = { -1 };
	struct pg_call calls[] = { GET_CALL(f, &a, "a"), { .stmt = &stmts[DIE], .ret_row = &n },
		GET_CALL(f, &b, "a") };

	add(f, 1, "a");
	assert_int_equal(pg_together(f->pg, calls, 3), ERR_UNAVAILABLE);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(calls[i].result, ERR_UNAVAILABLE);
	assert_int_equal(a.id, -1);
	assert_int_equal(count_again(f), 1);
}

static void a_server_that_dies_behind_begin_leaves_nothing_to_run(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED;
	struct number n = { -1 };
	struct pg_call calls[] = { ADD_CALL(f, &a, pg_int(1), pg_text("a")),
		{ .stmt = &stmts[DIE], .ret_row = &n } };

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	assert_int_equal(pg_together(f->pg, calls, 2), ERR_UNAVAILABLE);
	assert_int_equal(calls[0].result, ERR_UNAVAILABLE);
	assert_int_equal(pg_together(f->pg, calls, 1), ERR_UNAVAILABLE);
	assert_int_equal(pg_commit(f->pg), ERR_UNAVAILABLE);
	assert_int_equal(count_again(f), 0);
}

static void a_silent_server_is_unavailable_for_all(void **state)
{
	struct fixture *f = *state;
	struct thing a = UNTOUCHED, b = UNTOUCHED;
	struct pg_call calls[] = { GET_CALL(f, &a, "a"), GET_CALL(f, &b, "a") };
	pid_t pid = backend(f);

	kill(pid, SIGSTOP);
	assert_int_equal(pg_together(f->pg, calls, 2), ERR_UNAVAILABLE);
	kill(pid, SIGCONT);
	assert_int_equal(calls[0].result, ERR_UNAVAILABLE);
	assert_int_equal(calls[1].result, ERR_UNAVAILABLE);
	assert_int_equal(count_again(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		FRESH(each_call_has_its_own_row),
		FRESH(one_call_is_enough),
		FRESH(a_row_that_is_not_there_keeps_the_others),
		FRESH(what_comes_behind_a_failure_is_unavailable_and_the_connection_stays),
		FRESH(a_failure_of_the_second_keeps_the_row_of_the_first),
		FRESH(outside_a_transaction_a_failure_undoes_what_came_before),
		FRESH(begin_travels_with_them),
		FRESH(a_failure_behind_begin_ends_in_a_roll_back),
		FRESH(a_failure_in_an_open_transaction_ends_in_a_roll_back_too),
		FRESH(the_last_exchange_is_the_whole_transaction),
		FRESH(the_last_exchange_commits_what_came_before),
		FRESH(a_failure_of_the_last_exchange_undoes_all),
		FRESH(what_a_commit_itself_refuses_is_no_success),
		FRESH(nothing_runs_between_the_last_exchange_and_the_commit),
		FRESH(what_goes_before_the_commit_costs_no_exchange),
		FRESH(without_what_goes_before_it_nothing_is_committed),
		FRESH(what_is_too_long_to_go_before_the_commit_undoes_all),
		FRESH(nothing_goes_with_what_has_sent_nothing_or_is_rolled_back),
		FRESH(commands_and_lists_travel_with_others),
		FRESH(a_server_that_dies_between_is_unavailable_for_all),
		FRESH(a_server_that_dies_behind_begin_leaves_nothing_to_run),
		FRESH(a_silent_server_is_unavailable_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
