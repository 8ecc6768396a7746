#include "../unit.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../src/pg/pg_priv.h"

struct contact {
	int64_t id, kind;
	const char *name, *dictionary, *domain, *from;
	enum tri blocked;
	bool expired;
	int64_t limit;
};

static const struct field contact_fields[] = {
	FIELD_INT(contact, id, .flags = FIELD_KEY),
	FIELD_TEXT_AS(contact, name, "display_name", .column = "name"),
	FIELD_TEXT_AS(contact, name, "label", .flags = FIELD_ALIAS),
	FIELD_DICT(contact, dictionary, .flags = FIELD_KEEP),
	FIELD_TRI(contact, blocked),
	FIELD_BOOL(contact, expired, .column = "(a.ends_at <= now()) IS TRUE"),
	FIELD_INT(contact, kind, .flags = FIELD_ZERO_NULL),
	FIELD_INT(contact, limit, .flags = FIELD_COMPUTED),
	FIELDS_END,
};

#define ROW .row = contact_fields, .row_size = sizeof(struct contact), .rows = PG_MANY
#define IN  .in = contact_fields, .in_size = sizeof(struct contact)

static void assert_sql(const struct stmt *s, const char *sql)
{
	struct completed c = stmt_complete(s);

	assert_string_equal(c.sql, sql);
	completed_finish(&c);
}

static void a_text_without_marks_stays_as_it_is(void **state)
{
	struct stmt s = { .name = "s",
		.params = { PG_INT },
		.sql = "SELECT '{' || x || '}:u:', '{}' FROM t WHERE id = $1 AND x ~ '^a$'" };

	(void)state;
	assert_sql(&s, s.sql);
}

static void a_row_is_selected_by_its_columns(void **state)
{
	struct stmt s = { .name = "s", ROW, .sql = "SELECT {row} FROM contacts a" };

	(void)state;
	assert_sql(&s, "SELECT id, name AS display_name, dictionary, blocked,"
		       " (a.ends_at <= now()) IS TRUE AS expired, kind FROM contacts a");
}

static void plain_columns_are_those_of_the_named_table(void **state)
{
	struct stmt s = { .name = "s", ROW, .sql = "SELECT {row a}" };

	(void)state;
	assert_sql(&s, "SELECT a.id, a.name AS display_name, a.dictionary, a.blocked,"
		       " (a.ends_at <= now()) IS TRUE AS expired, a.kind");
}

static void an_insert_names_each_column_once(void **state)
{
	struct stmt s = { .name = "s", IN, .sql = "INSERT INTO contacts ({in}) VALUES ({values})" };

	(void)state;
	assert_sql(&s, "INSERT INTO contacts (id, name, dictionary, blocked, kind)"
		       " VALUES ($1, $2, $3, coalesce($4, false), $5)");
}

static void keys_are_not_set_and_what_was_not_given_is_kept(void **state)
{
	struct stmt s = { .name = "s", IN, .sql = "UPDATE contacts SET {set} WHERE id = $id" };
	struct stmt of_table = { .name = "s", IN, .sql = "DO UPDATE SET {set c}" };

	(void)state;
	assert_sql(&s, "UPDATE contacts SET name = $1, dictionary = coalesce($2, dictionary),"
		       " blocked = coalesce($3, blocked), kind = $4 WHERE id = $5");
	assert_sql(&of_table, "DO UPDATE SET name = $1, dictionary = coalesce($2, c.dictionary),"
			      " blocked = coalesce($3, c.blocked), kind = $4");
}

static void parameters_are_numbered_by_first_use(void **state)
{
	struct stmt s = {
		.name = "s", IN, .sql = "SELECT $limit::int, $display_name, $limit+$id,$blocked"
	};
	struct completed c = stmt_complete(&s);
	static const enum pg_type types[] = { PG_INT, PG_TEXT, PG_INT, PG_BOOL };

	(void)state;
	assert_string_equal(c.sql, "SELECT $1::int, $2, $1+$3,$4");
	assert_int_equal(c.count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(c.params[i].type, types[i]);
	completed_finish(&c);
}

static void values_are_those_of_the_struct(void **state)
{
	struct stmt s = {
		.name = "s", IN, .sql = "$id $display_name $kind $blocked $dictionary $limit"
	};
	struct contact contact = { .id = 7, .name = "Ann", .blocked = TRI_FALSE };
	struct completed c = stmt_complete(&s);
	struct pg_value value = { .type = PG_STRUCT, .object = &contact };
	struct pg_params p;

	(void)state;
	assert_int_equal(pg_params_init(&p, &c, &value), ERR_OK);
	assert_int_equal(p.count, 6);
	assert_string_equal(p.values[0], "7");
	assert_string_equal(p.values[1], "Ann");
	assert_int_equal(p.lengths[1], 3);
	assert_null(p.values[2]);
	assert_string_equal(p.values[3], "f");
	assert_null(p.values[4]);
	assert_string_equal(p.values[5], "0");
	pg_params_finish(&p);
	completed_finish(&c);
}

/* Completes it in a child, which must die of it and name statement and word. */
static void assert_refused(struct stmt s, const char *word)
{
	char log[512];
	int fds[2], status;
	ssize_t n;
	pid_t child;

	s.name = "contact_put";
	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		dup2(fds[1], STDERR_FILENO);
		stmt_complete(&s);
		_exit(0);
	}
	close(fds[1]);
	n = read(fds[0], log, sizeof(log) - 1);
	log[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 0);
	if (!strstr(log, "contact_put") || !strstr(log, word))
		fail_msg("it does not say \"contact_put ... %s\": %s", word, log);
}

static void a_name_no_table_has_ends_the_program(void **state)
{
	(void)state;
	assert_refused((struct stmt){ IN, .sql = "DELETE FROM t WHERE id = $ident" }, "ident");
	assert_refused((struct stmt){ IN, .sql = "DELETE FROM t WHERE id = $from" }, "from");
	assert_refused((struct stmt){ .sql = "DELETE FROM t WHERE id = $id" }, "id");
}

static void a_mark_that_is_not_one_ends_the_program(void **state)
{
	(void)state;
	assert_refused((struct stmt){ ROW, .sql = "SELECT {rows}" }, "rows");
	assert_refused((struct stmt){ ROW, .sql = "SELECT {row a.}" }, "row");
	assert_refused((struct stmt){ ROW, .sql = "SELECT {row" }, "row");
	assert_refused((struct stmt){ IN, .sql = "INSERT INTO t ({in a})" }, "in");
}

static void a_mark_needs_its_table(void **state)
{
	static const struct field none[] = { FIELD_INT(contact, id, .flags = FIELD_KEY),
		FIELDS_END };

	(void)state;
	assert_refused((struct stmt){ IN, .sql = "UPDATE t SET id = $id RETURNING {row}" }, "row");
	assert_refused((struct stmt){ ROW, .sql = "INSERT INTO t ({in})" }, "in");
	assert_refused((struct stmt){ .in = none,
			       .in_size = sizeof(struct contact),
			       .sql = "UPDATE t SET {set} WHERE id = $id" },
		"set");
}

static void names_and_places_are_not_mixed(void **state)
{
	(void)state;
	assert_refused((struct stmt){ IN, .sql = "DELETE FROM t WHERE id = $id OR id = $1" }, "1");
	assert_refused((struct stmt){ IN, .params = { PG_INT }, .sql = "$id" }, "places");
	assert_refused((struct stmt){ IN, .sql = "DELETE FROM t" }, "nothing of its values");
}

static void a_table_of_another_struct_ends_the_program(void **state)
{
	(void)state;
	assert_refused(
		(struct stmt){ .in = contact_fields, .in_size = 16, .sql = "$id" }, "display_name");
	assert_refused((struct stmt){ .in = contact_fields, .sql = "$id" }, "size");
	assert_refused((struct stmt){ .in_size = 16, .sql = "SELECT" }, "size");
}

static void more_parameters_than_there_is_room_for_end_the_program(void **state)
{
	static char names[PG_PARAMS_MAX + 1][8];
	static struct field many[PG_PARAMS_MAX + 2];

	(void)state;
	for (size_t i = 0; i <= PG_PARAMS_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "f%zu", i);
		many[i] = (struct field){ .name = names[i], .type = FIELD_TYPE_INT };
	}
	assert_refused((struct stmt){ .in = many,
			       .in_size = sizeof(int64_t),
			       .sql = "INSERT INTO t ({in}) VALUES ({values})" },
		"f48");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_without_marks_stays_as_it_is),
		cmocka_unit_test(a_row_is_selected_by_its_columns),
		cmocka_unit_test(plain_columns_are_those_of_the_named_table),
		cmocka_unit_test(an_insert_names_each_column_once),
		cmocka_unit_test(keys_are_not_set_and_what_was_not_given_is_kept),
		cmocka_unit_test(parameters_are_numbered_by_first_use),
		cmocka_unit_test(values_are_those_of_the_struct),
		cmocka_unit_test(a_name_no_table_has_ends_the_program),
		cmocka_unit_test(a_mark_that_is_not_one_ends_the_program),
		cmocka_unit_test(a_mark_needs_its_table),
		cmocka_unit_test(names_and_places_are_not_mixed),
		cmocka_unit_test(a_table_of_another_struct_ends_the_program),
		cmocka_unit_test(more_parameters_than_there_is_room_for_end_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
