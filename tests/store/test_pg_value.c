#include "live.h"

struct everything {
	const char *text;
	int64_t number;
	bool flag;
	enum tri maybe;
	int64_t at;
	const char *doc;
	struct str raw;
	const char *address;
	int64_t sum;
	const char *second;
};

static const struct field everything_fields[] = {
	FIELD_TEXT(everything, text),
	FIELD_INT(everything, number),
	FIELD_BOOL(everything, flag),
	FIELD_TRI(everything, maybe),
	FIELD_TIME(everything, at),
	FIELD_JSON(everything, doc),
	FIELD_BYTES(everything, raw),
	FIELD_TEXT(everything, address),
	FIELD_INT(everything, sum),
	FIELD_TEXT(everything, second),
	FIELDS_END,
};

/* The same without what goes by its place only. */
static const struct field named_fields[] = {
	FIELD_TEXT(everything, text),
	FIELD_INT(everything, number, .flags = FIELD_ZERO_NULL),
	FIELD_BOOL(everything, flag),
	FIELD_TRI(everything, maybe),
	FIELD_TIME(everything, at),
	FIELD_JSON(everything, doc),
	FIELD_BYTES(everything, raw),
	FIELDS_END,
};

struct kept {
	int64_t id;
	const char *name, *note;
	enum tri blocked;
	int64_t kind;
};
static const struct field kept_fields[] = {
	FIELD_INT(kept, id, .flags = FIELD_KEY),
	FIELD_TEXT(kept, name, .column = "title"),
	FIELD_TEXT(kept, note, .flags = FIELD_KEEP),
	FIELD_TRI(kept, blocked),
	FIELD_INT(kept, kind, .flags = FIELD_ZERO_NULL),
	FIELDS_END,
};
#define KEPT_ROW .row = kept_fields, .row_size = sizeof(struct kept), .rows = PG_ONE
#define KEPT_IN  .in = kept_fields, .in_size = sizeof(struct kept)

enum { KEPT_ADD, KEPT_SET };

static const struct stmt kept_stmts[] = {
	[KEPT_ADD] = {
		.name = "kept_add",
		KEPT_IN,
		KEPT_ROW,
		.sql = "INSERT INTO kept ({in}) VALUES ({values}) RETURNING {row}",
	},
	[KEPT_SET] = {
		.name = "kept_set",
		KEPT_IN,
		KEPT_ROW,
		.sql = "UPDATE kept k SET {set k} WHERE id = $id RETURNING {row k}",
	},
	{ 0 },
};

enum { ECHO, ECHO_NAMED, SERIES, TEXT_LENGTH, NO_ROW };

static const struct stmt stmts[] = {
	[ECHO] = {
		.name = "echo",
		.params = { PG_TEXT, PG_INT, PG_BOOL, PG_BOOL, PG_TIME, PG_JSON, PG_BYTES, PG_INET,
			PG_INTS, PG_TEXTS },
		.row = everything_fields,
		.row_size = sizeof(struct everything),
		.rows = PG_ONE,
		.sql = "SELECT $1 AS text, $2 AS number, $3 AS flag, $4 AS maybe, $5 AS at, $6 AS doc,"
		       " $7 AS raw, host($8) AS address,"
		       " (SELECT sum(x)::bigint FROM unnest($9) AS x) AS sum, ($10)[2] AS second",
	},
	[ECHO_NAMED] = {
		.name = "echo_named",
		.in = named_fields,
		.in_size = sizeof(struct everything),
		.row = named_fields,
		.row_size = sizeof(struct everything),
		.rows = PG_ONE,
		.sql = "SELECT $text AS text, $number AS number, $flag AS flag, $maybe AS maybe, $at AS at,"
		       " $doc AS doc, $raw AS raw",
	},
	[SERIES] = {
		.name = "series",
		.params = { PG_INT },
		NUMBER_ROW,
		.rows = PG_MANY,
		.sql = "SELECT n FROM generate_series(1, $1) AS n",
	},
	[TEXT_LENGTH] = {
		.name = "text_length",
		.params = { PG_TEXT },
		NUMBER_ROW,
		.rows = PG_ONE,
		.sql = "SELECT octet_length($1)::bigint AS n",
	},
	[NO_ROW] = {
		.name = "no_row",
		NUMBER_ROW,
		.rows = PG_MAY_ONE,
		.sql = "SELECT 1::bigint AS n WHERE false",
	},
	{ 0 },
};

static int setup(void **state)
{
	server_sql("CREATE TABLE IF NOT EXISTS kept (id bigint, title text, note text,"
		   " blocked boolean NOT NULL, kind integer)");
	if (open_fixture(state, stmts, 2000) != 0)
		return -1;
	pg_register(((struct fixture *)*state)->pg, kept_stmts);
	return pg_connect(((struct fixture *)*state)->pg) == ERR_OK ? 0 : -1;
}

static void every_type_comes_back_as_it_was_sent(void **state)
{
	static const int64_t numbers[] = { -5, 7, INT64_C(9000000000) };
	static const char *const texts[] = { "plain", "with \"quotes\", {braces} and \\", NULL };
	static const char bytes[] = { 0, '\\', 'x', (char)0xff, '\'', 0 };
	struct fixture *f = *state;
	struct everything r;
	enum err e = pg_one(f->pg, &stmts[ECHO], f->arena, &r,
		PG_VALUES(pg_text("o'neil \\ \"é\" \n; DROP TABLE x; --"), pg_int(INT64_MIN),
			pg_bool(true), pg_tri(TRI_FALSE), pg_time(INT64_C(1767322985000007)),
			pg_json("{\"a\": [1, null]}"), pg_bytes(bytes, sizeof(bytes)),
			pg_inet("2001:db8::1"), pg_ints(numbers, 3), pg_texts(texts, 3)));

	assert_int_equal(e, ERR_OK);
	assert_string_equal(r.text, "o'neil \\ \"é\" \n; DROP TABLE x; --");
	assert_true(r.number == INT64_MIN);
	assert_true(r.flag);
	assert_int_equal(r.maybe, TRI_FALSE);
	assert_true(r.at == INT64_C(1767322985000007));
	assert_string_equal(r.doc, "{\"a\": [1, null]}");
	assert_int_equal(r.raw.n, sizeof(bytes));
	assert_memory_equal(r.raw.p, bytes, sizeof(bytes));
	assert_string_equal(r.address, "2001:db8::1");
	assert_true(r.sum == INT64_C(9000000002));
	assert_string_equal(r.second, "with \"quotes\", {braces} and \\");
}

static void a_struct_comes_back_as_it_was_sent(void **state)
{
	struct fixture *f = *state;
	const struct everything sent = { .text = "o'neil $text {row}",
		.number = INT64_MIN,
		.flag = true,
		.maybe = TRI_FALSE,
		.at = INT64_C(1767322985000007),
		.doc = "{\"a\": [1, null]}",
		.raw = { "\0x", 3 } };
	struct everything r;

	assert_int_equal(pg_one(f->pg, &stmts[ECHO_NAMED], f->arena, &r, PG_IN(&sent)), ERR_OK);
	assert_string_equal(r.text, sent.text);
	assert_true(r.number == INT64_MIN);
	assert_true(r.flag);
	assert_int_equal(r.maybe, TRI_FALSE);
	assert_true(r.at == sent.at);
	assert_string_equal(r.doc, sent.doc);
	assert_int_equal(r.raw.n, 3);
	assert_memory_equal(r.raw.p, sent.raw.p, 3);
}

static void an_empty_struct_is_all_null_but_for_flags(void **state)
{
	struct fixture *f = *state;
	struct everything r;

	assert_int_equal(
		pg_one(f->pg, &stmts[ECHO_NAMED], f->arena, &r, PG_IN(&(struct everything){ 0 })),
		ERR_OK);
	assert_null(r.text);
	assert_true(r.number == 0);
	assert_false(r.flag);
	assert_int_equal(r.maybe, TRI_UNSET);
	assert_true(r.at == 0);
	assert_null(r.doc);
	assert_null(r.raw.p);
}

static void a_flag_that_was_not_given_is_false_in_a_new_row(void **state)
{
	struct fixture *f = *state;
	struct kept r;

	assert_int_equal(pg_one(f->pg, &kept_stmts[KEPT_ADD], f->arena, &r,
				 PG_IN(&(struct kept){ .id = 2, .name = "b" })),
		ERR_OK);
	assert_int_equal(r.blocked, TRI_FALSE);
}

static void what_was_not_given_keeps_its_column(void **state)
{
	struct fixture *f = *state;
	const struct kept first = { 1, "a", "note", TRI_TRUE, 7 };
	struct kept r;

	assert_int_equal(pg_one(f->pg, &kept_stmts[KEPT_ADD], f->arena, &r, PG_IN(&first)), ERR_OK);
	assert_string_equal(r.name, "a");
	assert_int_equal(pg_one(f->pg, &kept_stmts[KEPT_SET], f->arena, &r,
				 PG_IN(&(struct kept){ .id = 1, .name = "b" })),
		ERR_OK);
	assert_string_equal(r.name, "b");
	assert_string_equal(r.note, "note");
	assert_int_equal(r.blocked, TRI_TRUE);
	assert_int_equal(r.kind, 0);
	assert_int_equal(server_sql("SELECT count(*) FROM kept WHERE id = 1 AND kind IS NULL"), 1);
	assert_int_equal(pg_one(f->pg, &kept_stmts[KEPT_SET], f->arena, &r,
				 PG_IN(&(struct kept){ .id = 1, .blocked = TRI_FALSE })),
		ERR_OK);
	assert_null(r.name);
	assert_int_equal(r.blocked, TRI_FALSE);
}

static void null_goes_both_ways(void **state)
{
	const struct pg_value null_number = { .type = PG_INT, .null = true };
	struct fixture *f = *state;
	struct everything r;
	enum err e = pg_one(f->pg, &stmts[ECHO], f->arena, &r,
		PG_VALUES(pg_text(NULL), null_number, pg_tri(TRI_UNSET), pg_tri(TRI_UNSET),
			pg_time(0), pg_json(NULL), pg_bytes(NULL, 0), pg_inet(NULL),
			pg_ints(NULL, 0), pg_texts(NULL, 0)));

	assert_int_equal(e, ERR_OK);
	assert_null(r.text);
	assert_true(r.number == 0);
	assert_false(r.flag);
	assert_int_equal(r.maybe, TRI_UNSET);
	assert_true(r.at == 0);
	assert_null(r.doc);
	assert_null(r.raw.p);
	assert_null(r.address);
	assert_null(r.second);
}

static void the_empty_text_is_not_null(void **state)
{
	struct fixture *f = *state;
	struct everything r;
	enum err e = pg_one(f->pg, &stmts[ECHO], f->arena, &r,
		PG_VALUES(pg_text(""), pg_int(0), pg_bool(false), pg_tri(TRI_TRUE), pg_time(1),
			pg_json("\"\""), pg_bytes("", 0), pg_inet("127.0.0.1"), pg_ints(NULL, 0),
			pg_texts(NULL, 0)));

	assert_int_equal(e, ERR_OK);
	assert_string_equal(r.text, "");
	assert_int_equal(r.maybe, TRI_TRUE);
	assert_true(r.at == 1);
	assert_non_null(r.raw.p);
	assert_int_equal(r.raw.n, 0);
}

static void bytes_that_are_not_utf8_are_refused_as_text(void **state)
{
	struct fixture *f = *state;
	struct number r;

	assert_int_equal(
		pg_one(f->pg, &stmts[TEXT_LENGTH], f->arena, &r, PG_VALUES(pg_text("\xff\xfe"))),
		ERR_INVALID);
}

static void many_rows_fill_an_array_of_structs(void **state)
{
	struct fixture *f = *state;
	void *found;
	const struct number *rows;
	size_t count;

	assert_int_equal(
		pg_many(f->pg, &stmts[SERIES], f->arena, &found, &count, PG_VALUES(pg_int(1000))),
		ERR_OK);
	rows = found;
	assert_int_equal(count, 1000);
	assert_int_equal(rows[0].n, 1);
	assert_int_equal(rows[999].n, 1000);
}

static void no_rows_are_an_empty_array(void **state)
{
	struct fixture *f = *state;
	void *rows;
	size_t count = 7;

	assert_int_equal(
		pg_many(f->pg, &stmts[SERIES], f->arena, &rows, &count, PG_VALUES(pg_int(0))),
		ERR_OK);
	assert_int_equal(count, 0);
}

static void a_missing_row_is_not_found_and_leaves_the_output_alone(void **state)
{
	struct fixture *f = *state;
	struct number r = { 42 };

	assert_int_equal(pg_one(f->pg, &stmts[NO_ROW], f->arena, &r, PG_NO_VALUES), ERR_NOT_FOUND);
	assert_int_equal(r.n, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_comes_back_as_it_was_sent),
		cmocka_unit_test(a_struct_comes_back_as_it_was_sent),
		cmocka_unit_test(an_empty_struct_is_all_null_but_for_flags),
		cmocka_unit_test(a_flag_that_was_not_given_is_false_in_a_new_row),
		cmocka_unit_test(what_was_not_given_keeps_its_column),
		cmocka_unit_test(null_goes_both_ways),
		cmocka_unit_test(the_empty_text_is_not_null),
		cmocka_unit_test(bytes_that_are_not_utf8_are_refused_as_text),
		cmocka_unit_test(many_rows_fill_an_array_of_structs),
		cmocka_unit_test(no_rows_are_an_empty_array),
		cmocka_unit_test(a_missing_row_is_not_found_and_leaves_the_output_alone),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
