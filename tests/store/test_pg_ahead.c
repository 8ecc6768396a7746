#include "live.h"
#include "thing.h"

#include "base/clock.h"
#include "base/rows.h"

#include "../unit/noise.h"

#define ASKERS    (PG_AHEAD_MAX + 2)
#define NAMES     4
#define CALLS     3
#define HISTORIES 150

/* LEAVE sets something that ends with its transaction, and LEFT reads it.  What stands behind RENAME is for single
 * tests: COUNT counts how often it was asked, and WHEN tells when its statement began. */
enum { GET, LIST, LEAVE, LEFT, DIVIDE, TIMES, RENAME, COUNT, WHEN, WHEN_ONE, SLEEP, TELL, KINDS };

struct told {
	const char *text;
};
static const struct field told_fields[] = { FIELD_TEXT(told, text), FIELDS_END };

#define BEGAN "SELECT (1000000 * extract(epoch FROM statement_timestamp()) + 0 * $1)::bigint AS n"

static const struct stmt stmts[] = {
	[GET] = {
		.name = "get",
		.of_many = true,
		THING_CALLED,
	},
	[LIST] = {
		.name = "list",
		.params = { PG_INT },
		THING_ROW,
		.rows = PG_MANY,
		.of_many = true,
		.sql = "SELECT id, name FROM thing WHERE id >= $1 ORDER BY id",
	},
	[LEAVE] = {
		.name = "leave",
		.params = { PG_INT },
		NUMBER_ROW,
		.rows = PG_ONE,
		.sql = "SELECT set_config('test.left', $1::text, true)::bigint AS n",
	},
	[LEFT] = {
		.name = "left",
		NUMBER_ROW,
		.rows = PG_ONE,
		.sql = "SELECT coalesce(nullif(current_setting('test.left', true), ''), '-1')::bigint"
		       " AS n",
	},
	[DIVIDE] = {
		.name = "divide",
		.params = { PG_INT },
		NUMBER_ROW,
		.rows = PG_ONE,
		.of_many = true,
		.sql = "SELECT 100 / $1 AS n",
	},
	[TIMES] = {
		.name = "times",
		.params = { PG_INT },
		NUMBER_ROW,
		.rows = PG_ONE,
		.sql = "SELECT 100 * $1 AS n",
	},
	[RENAME] = {
		.name = "rename",
		.params = { PG_INT, PG_TEXT },
		.rows = PG_NONE,
		.sql = "UPDATE thing SET name = $2 WHERE id = $1",
	},
	[COUNT] = {
		.name = "count",
		NUMBER_ROW,
		.rows = PG_ONE,
		.sql = "SELECT nextval('counted') AS n",
	},
	[WHEN] = {
		.name = "when",
		.params = { PG_INT },
		NUMBER_ROW,
		.rows = PG_ONE,
		.of_many = true,
		.sql = BEGAN,
	},
	[WHEN_ONE] = {
		.name = "when_one",
		.params = { PG_INT },
		NUMBER_ROW,
		.rows = PG_ONE,
		.sql = BEGAN,
	},
	[SLEEP] = {
		.name = "sleep",
		NUMBER_ROW,
		.rows = PG_ONE,
		.sql = "SELECT 1::bigint AS n FROM pg_sleep(0.5)",
	},
	[TELL] = {
		.name = "tell",
		.params = { PG_TEXT, PG_INT, PG_BOOL, PG_TIME, PG_BYTES, PG_JSON, PG_INET },
		.row = told_fields,
		.row_size = sizeof(struct told),
		.rows = PG_ONE,
		.of_many = true,
		.sql = "SELECT format('%L %L %L %L %L %L %L', $1, $2, $3, $4, $5, $6, $7) AS text",
	},
	{ 0 },
};

/* One call of an asker, and what has to come of it. */
struct question {
	int kind;
	int64_t value;
};

struct asker {
	struct question asks[CALLS];
	size_t n;
	bool apart;
};

/* What stands in the table: names[i] is the number in the name of thing i. */
static int64_t names[NAMES];

static const char *name_of(struct fixture *f, int64_t number)
{
	return arena_printf(f->arena, "name %lld", (long long)number);
}

static void random_asker(struct asker *a)
{
	*a = (struct asker){ .n = 1 + random_below(CALLS) };
	for (size_t i = 0; i < a->n; i++) {
		struct question *q = &a->asks[i];

		q->kind = (int)random_below(RENAME);
		q->value = (int64_t)random_below(2 * NAMES);
		if (q->kind == DIVIDE && q->value == 0 && !random_one_in(4))
			q->value = 1;
		a->apart |= q->kind == LEAVE;
	}
}

struct answers {
	struct pg_value values[CALLS];
	struct thing things[CALLS];
	struct number numbers[CALLS];
	struct rows lists[CALLS];
	struct pg_call calls[CALLS];
};

static void prepare(struct fixture *f, const struct asker *a, struct answers *r)
{
	memset(r, 0, sizeof(*r));
	for (size_t i = 0; i < a->n; i++) {
		const struct question *q = &a->asks[i];

		r->values[i] = q->kind == GET ? pg_text(name_of(f, q->value)) : pg_int(q->value);
		r->calls[i] = (struct pg_call){ .stmt = &stmts[q->kind],
			.values = &r->values[i],
			.n = stmts[q->kind].params[0] == PG_NO_TYPE ? 0 : 1,
			.arena = f->arena,
			.ret_row = q->kind == GET    ? (void *)&r->things[i]
				   : q->kind == LIST ? (void *)&r->lists[i]
						     : (void *)&r->numbers[i] };
	}
}

static int64_t thing_called(int64_t number)
{
	for (int64_t id = 0; id < NAMES; id++)
		if (names[id] == number)
			return id;
	return -1;
}

static void check_list(struct fixture *f, const struct rows *list, int64_t from)
{
	const struct thing *things = list->items;

	assert_int_equal(list->n, from < NAMES ? NAMES - from : 0);
	for (size_t i = 0; i < list->n; i++) {
		assert_int_equal(things[i].id, from + (int64_t)i);
		assert_string_equal(things[i].name, name_of(f, names[things[i].id]));
	}
}

/* As if each had asked alone: what another leaves, fails in or is told is not its. */
static void check(struct fixture *f, const struct asker *a, const struct answers *r)
{
	int64_t left = -1;
	bool failed = false;

	for (size_t i = 0; i < a->n; i++) {
		const struct question *q = &a->asks[i];
		enum err result = r->calls[i].result;

		if (failed) {
			assert_int_equal(result, ERR_UNAVAILABLE);
			continue;
		}
		if (q->kind == COUNT)
			continue;
		failed = q->kind == DIVIDE && q->value == 0;
		left = q->kind == LEAVE ? q->value : left;
		if (failed) {
			assert_int_not_equal(result, ERR_OK);
		} else if (q->kind == GET && thing_called(q->value) < 0) {
			assert_int_equal(result, ERR_NOT_FOUND);
		} else {
			assert_int_equal(result, ERR_OK);
			if (q->kind == GET)
				assert_int_equal(r->things[i].id, thing_called(q->value));
			else if (q->kind == LIST)
				check_list(f, &r->lists[i], q->value);
			else
				assert_int_equal(r->numbers[i].n, q->kind == LEFT    ? left
								  : q->kind == LEAVE ? q->value
								  : q->kind == TIMES
									  ? 100 * q->value
									  : 100 / q->value);
		}
	}
}

static void rename_one(struct fixture *f)
{
	int64_t id = (int64_t)random_below(NAMES), number;

	do
		number = (int64_t)random_below(2 * NAMES);
	while (thing_called(number) >= 0);
	names[id] = number;
	assert_int_equal(pg_run(f->pg, &stmts[RENAME], NULL,
				 PG_VALUES(pg_int(id), pg_text(name_of(f, number)))),
		ERR_OK);
}

/* Most say ahead what they will ask, some say something else, and some nothing. */
static void say_ahead(struct fixture *f, const struct asker *a)
{
	struct answers r;
	struct asker said = *a;

	if (random_one_in(5))
		return;
	if (random_one_in(5))
		random_asker(&said);
	prepare(f, &said, &r);
	pg_ahead(f->pg, r.calls, said.n, said.apart);
}

static enum err ask(struct fixture *f, const struct asker *a, struct answers *r)
{
	prepare(f, a, r);
	return pg_together(f->pg, r->calls, a->n);
}

static void round_of(struct fixture *f)
{
	struct asker askers[ASKERS];
	struct answers r;
	size_t n = 1 + random_below(ASKERS), first = random_below(n);

	for (size_t i = 0; i < n; i++) {
		random_asker(&askers[i]);
		say_ahead(f, &askers[i]);
	}
	/* One that asks before the others' questions were: they are in its way, and do it no harm. */
	if (!random_one_in(4))
		pg_ahead_ask(f->pg);
	for (size_t i = 0; i < n; i++) {
		const struct asker *a = &askers[(first + i) % n];
		uint64_t before = pg_exchanges(f->pg);

		if (ask(f, a, &r) == ERR_INTERNAL)
			continue;
		assert_int_equal(pg_exchanges(f->pg), before + 1);
		check(f, a, &r);
	}
	pg_ahead_forget(f->pg);
	rename_one(f);
}

static int setup(void **state)
{
	server_sql("DROP TABLE IF EXISTS thing");
	server_sql("DROP SEQUENCE IF EXISTS counted");
	server_sql("CREATE SEQUENCE counted");
	server_sql("CREATE TABLE thing (id bigint PRIMARY KEY, name text NOT NULL)");
	server_sql("INSERT INTO thing SELECT i, 'name ' || i FROM generate_series(0, 3) i");
	for (int64_t i = 0; i < NAMES; i++)
		names[i] = i;
	return open_fixture(state, stmts, 5000);
}

static int setup_in_haste(void **state)
{
	return setup(state) == 0 && teardown(state) == 0 ? open_fixture(state, stmts, 1500) : -1;
}

static void answers_are_those_that_each_would_have_had_alone(void **state)
{
	struct fixture *f = *state;
	const struct histories h = histories_wanted(HISTORIES);

	for (uint64_t seed = h.first; seed < h.end; seed++) {
		noise_begin(seed);
		for (int i = 0; i < 5; i++)
			round_of(f);
		arena_reset(f->arena);
	}
}

static void say_ahead_all(struct fixture *f, const struct asker *const *askers, size_t n)
{
	struct answers r;

	for (size_t i = 0; i < n; i++) {
		prepare(f, askers[i], &r);
		pg_ahead(f->pg, r.calls, askers[i]->n, askers[i]->apart);
	}
}

static void end_backends(void)
{
	server_sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
		   " WHERE application_name = 'test'");
}

/* The connection may be found broken first, and its back-off hold it up. */
static enum err ask_until_back(struct fixture *f, const struct asker *a, struct answers *r)
{
	int64_t end = clock_ms() + 5000;
	enum err e;

	do
		e = ask(f, a, r);
	while (e == ERR_UNAVAILABLE && clock_ms() < end);
	return e;
}

static void what_was_asked_is_answered_though_the_server_has_gone(void **state)
{
	struct fixture *f = *state;
	const struct asker a = { { { GET, 1 }, { LEFT, 0 } }, 2, false },
			   b = { { { LEAVE, 7 }, { LEFT, 0 } }, 2, true },
			   c = { { { LIST, 0 } }, 1, false };
	struct answers r;

	say_ahead_all(f, (const struct asker *[]){ &a, &b }, 2);
	pg_ahead_ask(f->pg);
	end_backends();
	assert_int_equal(ask(f, &b, &r), ERR_OK);
	check(f, &b, &r);
	assert_int_equal(ask(f, &a, &r), ERR_OK);
	check(f, &a, &r);
	pg_ahead_forget(f->pg);
	assert_int_equal(ask_until_back(f, &c, &r), ERR_OK);
	check(f, &c, &r);
}

static void a_server_that_goes_meanwhile_is_asked_again(void **state)
{
	struct fixture *f = *state;
	const struct asker a = { { { GET, 1 } }, 1, false }, b = { { { LIST, 0 } }, 1, false };
	struct answers r;

	say_ahead_all(f, (const struct asker *[]){ &a, &b }, 2);
	end_backends();
	pg_ahead_ask(f->pg);
	assert_int_equal(ask_until_back(f, &a, &r), ERR_OK);
	check(f, &a, &r);
	assert_int_equal(ask(f, &b, &r), ERR_OK);
	check(f, &b, &r);
	pg_ahead_forget(f->pg);
}

/* Both have the answer, and the third one, who stands apart, its own. */
static void what_several_ask_alike_is_asked_once(void **state)
{
	struct fixture *f = *state;
	const struct asker a = { { { GET, 1 }, { COUNT, 0 } }, 2, false },
			   b = { { { COUNT, 0 }, { GET, 1 }, { GET, 2 } }, 3, false },
			   c = { { { COUNT, 0 } }, 1, true };
	struct answers r;

	say_ahead_all(f, (const struct asker *[]){ &a, &b, &c }, 3);
	pg_ahead_ask(f->pg);
	assert_int_equal(ask(f, &a, &r), ERR_OK);
	assert_int_equal(r.numbers[1].n, 1);
	assert_int_equal(r.things[0].id, thing_called(1));
	assert_int_equal(ask(f, &b, &r), ERR_OK);
	assert_int_equal(r.numbers[0].n, 1);
	assert_int_equal(r.things[1].id, thing_called(1));
	assert_int_equal(r.things[2].id, thing_called(2));
	assert_int_equal(ask(f, &c, &r), ERR_OK);
	assert_int_equal(r.numbers[0].n, 2);
	pg_ahead_forget(f->pg);
	assert_int_equal(ask(f, &c, &r), ERR_OK);
	assert_int_equal(r.numbers[0].n, 3);
}

static void what_several_ask_of_one_statement_goes_out_as_one(void **state)
{
	struct fixture *f = *state;
	const struct asker a = { { { WHEN, 1 }, { WHEN_ONE, 1 } }, 2, false },
			   b = { { { WHEN, 2 }, { WHEN_ONE, 2 } }, 2, false };
	struct answers of_a, of_b;

	say_ahead_all(f, (const struct asker *[]){ &a, &b }, 2);
	pg_ahead_ask(f->pg);
	assert_int_equal(ask(f, &a, &of_a), ERR_OK);
	assert_int_equal(ask(f, &b, &of_b), ERR_OK);
	assert_int_equal(of_a.numbers[0].n, of_b.numbers[0].n);
	assert_int_not_equal(of_a.numbers[1].n, of_b.numbers[1].n);
	pg_ahead_forget(f->pg);
}

#define TELL_VALUES 7

static enum err tell(struct fixture *f, const struct pg_value *values, struct told *ret)
{
	return pg_one(f->pg, &stmts[TELL], f->arena, ret, values, TELL_VALUES);
}

static void values_of_all_types_are_the_same_among_many(void **state)
{
	struct fixture *f = *state;
	const struct pg_value askers[][TELL_VALUES] = {
		{ pg_text("a, \"b\" {c} \\ 'd' NULL"), pg_int(INT64_MIN), pg_bool(true), pg_time(1),
			pg_bytes("\0\\\"\xff", 4), pg_json("{\"a\": \"\\\"\"}"),
			pg_inet("2001:db8::/32") },
		{ pg_text(""), pg_int(INT64_MAX), pg_bool(false), pg_time(1767225600123456),
			pg_bytes("", 0), pg_json("[]"), pg_inet("192.0.2.1") },
		{ pg_text(NULL), pg_int(0), pg_tri(TRI_UNSET), pg_time(0), pg_bytes(NULL, 0),
			pg_json(NULL), pg_inet(NULL) },
		{ pg_text("NULL"), pg_int(-1), pg_bool(true), pg_time(0), pg_bytes("x", 1),
			pg_json("null"), pg_inet("::1") },
	};
	const size_t n = sizeof(askers) / sizeof(askers[0]);
	struct told alone[sizeof(askers) / sizeof(askers[0])], told;

	for (size_t i = 0; i < n; i++)
		assert_int_equal(tell(f, askers[i], &alone[i]), ERR_OK);
	for (size_t i = 0; i < n; i++) {
		const struct pg_call call = {
			.stmt = &stmts[TELL], .values = askers[i], .n = TELL_VALUES
		};

		pg_ahead(f->pg, &call, 1, false);
	}
	pg_ahead_ask(f->pg);
	end_backends(); /* what is answered now was answered before */
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(tell(f, askers[i], &told), ERR_OK);
		assert_string_equal(told.text, alone[i].text);
	}
	pg_ahead_forget(f->pg);
}

/* Two of these have room among what is asked together, where each quote becomes two characters. */
static void what_has_no_room_among_others_is_answered_alone(void **state)
{
	struct fixture *f = *state;
	char *quotes = arena_alloc(f->arena, 100001);
	struct pg_value values[4];
	struct thing thing;

	memset(quotes, '"', 100000);
	for (int i = 0; i < 4; i++) {
		values[i] = pg_text(arena_printf(f->arena, "%d%s", i, quotes));
		const struct pg_call call = { .stmt = &stmts[GET], .values = &values[i], .n = 1 };

		server_sql(arena_printf(f->arena, "UPDATE thing SET name = '%s' WHERE id = %d",
			values[i].text.p, i));
		pg_ahead(f->pg, &call, 1, false);
	}
	pg_ahead_ask(f->pg);
	for (int i = 3; i >= 0; i--) {
		assert_int_equal(
			pg_one(f->pg, &stmts[GET], f->arena, &thing, &values[i], 1), ERR_OK);
		assert_int_equal(thing.id, i);
	}
	pg_ahead_forget(f->pg);
}

static void each_that_stands_apart_has_its_own_time(void **state)
{
	struct fixture *f = *state;
	const struct asker a = { { { LEAVE, 1 }, { SLEEP, 0 } }, 2, true };
	const struct asker *const askers[] = { &a, &a, &a, &a };
	struct answers r;
	pid_t before = backend(f);
	uint64_t answers = pg_counters(f->pg)->answers;

	say_ahead_all(f, askers, 4);
	pg_ahead_ask(f->pg);
	assert_int_equal(pg_counters(f->pg)->answers, answers + 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(ask(f, &a, &r), ERR_OK);
	pg_ahead_forget(f->pg);
	assert_int_equal(backend(f), before);
}

static void what_failed_apart_is_not_asked_again(void **state)
{
	struct fixture *f = *state;
	const struct asker a = { { { COUNT, 0 }, { DIVIDE, 0 }, { GET, 1 } }, 3, true },
			   b = { { { COUNT, 0 } }, 1, true };
	struct answers r;

	say_ahead_all(f, (const struct asker *[]){ &a, &b }, 2);
	pg_ahead_ask(f->pg);
	assert_int_not_equal(ask(f, &a, &r), ERR_OK);
	check(f, &a, &r);
	assert_int_equal(ask(f, &b, &r), ERR_OK);
	assert_int_equal(r.numbers[0].n, 2);
	pg_ahead_forget(f->pg);
	assert_int_equal(ask(f, &b, &r), ERR_OK);
	assert_int_equal(r.numbers[0].n, 3);
}

/* As each would have waited for it alone, and no longer; what needs no such lock is answered. */
static void what_waits_for_a_lock_together_waits_for_it_once(void **state)
{
	struct fixture *f = *state;
	const struct asker a = { { { COUNT, 0 }, { GET, 1 } }, 2, false },
			   b = { { { GET, 2 }, { COUNT, 0 } }, 2, false },
			   c = { { { COUNT, 0 }, { TIMES, 3 } }, 2, false };
	PGconn *other = PQconnectdb("");
	struct answers r;

	PQclear(PQexec(other, "BEGIN; LOCK TABLE thing"));
	say_ahead_all(f, (const struct asker *[]){ &a, &b, &c }, 3);
	pg_ahead_ask(f->pg);
	assert_int_equal(ask(f, &a, &r), ERR_UNAVAILABLE);
	assert_int_equal(ask(f, &b, &r), ERR_UNAVAILABLE);
	assert_int_equal(ask(f, &c, &r), ERR_OK);
	assert_int_equal(r.numbers[0].n, 2);
	check(f, &c, &r);
	pg_ahead_forget(f->pg);
	PQfinish(other);
	assert_int_equal(ask(f, &a, &r), ERR_OK);
	check(f, &a, &r);
}

/* A migration changes the type of a column that both have a plan for: the first one finds it out, alone as in a crowd. */
static void a_failure_of_the_connection_is_told_once(void **state)
{
	struct fixture *f = *state;
	const struct asker a = { { { LEAVE, 1 }, { GET, 1 } }, 2, true },
			   b = { { { LEAVE, 2 }, { GET, 2 } }, 2, true };
	struct answers r;

	assert_int_equal(ask(f, &a, &r), ERR_OK);
	server_sql("ALTER TABLE thing ALTER name TYPE varchar(50)");
	say_ahead_all(f, (const struct asker *[]){ &a, &b, &b }, 3);
	pg_ahead_ask(f->pg);
	assert_int_equal(ask(f, &a, &r), ERR_UNAVAILABLE);
	assert_int_equal(ask(f, &b, &r), ERR_OK);
	check(f, &b, &r);
	pid_t anew = backend(f);

	assert_int_equal(ask(f, &b, &r), ERR_OK);
	check(f, &b, &r);
	assert_int_equal(backend(f), anew);
	pg_ahead_forget(f->pg);
}

static void nothing_is_remembered(void **state)
{
	struct fixture *f = *state;
	const struct asker a = { { { LIST, 0 } }, 1, false };
	struct answers r;

	say_ahead_all(f, (const struct asker *[]){ &a, &a }, 2);
	pg_ahead_ask(f->pg);
	assert_int_equal(ask(f, &a, &r), ERR_OK);
	pg_ahead_forget(f->pg);
	noise_begin(1);
	rename_one(f);
	assert_int_equal(ask(f, &a, &r), ERR_OK);
	check(f, &a, &r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		FRESH(answers_are_those_that_each_would_have_had_alone),
		FRESH(what_was_asked_is_answered_though_the_server_has_gone),
		FRESH(a_server_that_goes_meanwhile_is_asked_again),
		FRESH(what_several_ask_alike_is_asked_once),
		FRESH(what_several_ask_of_one_statement_goes_out_as_one),
		FRESH(values_of_all_types_are_the_same_among_many),
		FRESH(what_has_no_room_among_others_is_answered_alone),
		cmocka_unit_test_setup_teardown(
			each_that_stands_apart_has_its_own_time, setup_in_haste, teardown),
		FRESH(what_failed_apart_is_not_asked_again),
		FRESH(what_waits_for_a_lock_together_waits_for_it_once),
		FRESH(a_failure_of_the_connection_is_told_once),
		FRESH(nothing_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
