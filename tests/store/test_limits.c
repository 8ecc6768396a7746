/* Limits on field rows are those of the database: neither the API nor the commands take what a CHECK
 * would refuse, or refuse what it would take. */
#include "server.h"

#include "../../src/ctl/ctl_priv.h"
#include "../../src/pg/pg_priv.h"
#include "http/endpoint.h"
#include "pg/migrate.h"
#include "resources.h"
#include "resources/statements.h"

#define COMPARISONS_MIN 60

#define DECLARE(name) extern const struct endpoint name##_endpoints[];
RESOURCE_ENDPOINTS(DECLARE)
#undef DECLARE
#define ENTRY(name) name##_endpoints,
static const struct endpoint *const endpoint_tables[] = { RESOURCE_ENDPOINTS(ENTRY) };
#undef ENTRY

static const struct command *const command_tables[] = { account_create_commands, key_commands,
	space_commands, two_factor_commands };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What is written where: a shape, a subject's path or a command, and the table its fields are columns
 * of, or one field and its column. */
static const struct target {
	const char *set, *field, *table, *column;
} targets[] = {
	{ "AccountNew", NULL, "accounts", NULL },
	{ "AccountNew", "domain", "spaces", "domain" },
	{ "AccountChange", NULL, "accounts", NULL },
	{ "AccountChange", "domain", "spaces", "domain" },
	{ "ExtensionNew", NULL, "extensions", NULL },
	{ "ExtensionNew", "sip_username", "extensions", "username" },
	{ "ExtensionChange", NULL, "extensions", NULL },
	{ "ExtensionChange", "sip_username", "extensions", "username" },
	{ "extension", "exten", "extensions", "exten" },
	{ "CtiUserChange", NULL, "cti_users", NULL },
	{ "DefaultDevice", "id", "cti_users", "default_device" },
	{ "PresenceChoice", "to", "cti_users", "presence_to" },
	{ "PresenceChoice", "to", "cti_users", "on_busy_to" },
	{ "PresenceChoice", "to", "cti_users", "on_unavailable_to" },
	{ "SettingName", "prop", "cti_settings", "key" },
	{ "ProfileNew", NULL, "profiles", NULL },
	{ "ProfileChange", NULL, "profiles", NULL },
	{ "ByAudience", "aud", "sessions", "audience" },
	{ "TokenSubtype", "subtype", "sessions", "audience" },
	{ "session", "jti", "sessions", "jti" },
	{ "ServiceKeyNew", NULL, "api_keys", NULL },
	{ "ExternalAccountInput", NULL, "external_accounts", NULL },
	{ "admin create", NULL, "accounts", NULL },
	{ "admin create", "domain", "spaces", "domain" },
	{ "account create", NULL, "accounts", NULL },
	{ "account create", "domain", "spaces", "domain" },
	{ "api-key create", NULL, "api_keys", NULL },
	{ "space create", NULL, "spaces", NULL },
	{ "space two-factor", "domain", "spaces", "domain" },
	{ "space two-factor", "policy", "spaces", "two_factor_policy" },
	{ "space two-factor", "grace_days", "spaces", "two_factor_grace_days" },
};
static bool met[COUNT(targets)];

struct check {
	const char *table, *column, *text;
};
static const struct field check_fields[] = {
	FIELD_TEXT(check, table),
	FIELD_TEXT(check, column),
	FIELD_TEXT(check, text),
	FIELDS_END,
};
static const struct stmt check_stmts[] = {
	{
		.name = "checks",
		.row = check_fields,
		.row_size = sizeof(struct check),
		.rows = PG_MANY,
		.sql = "SELECT c.conrelid::regclass::text AS table, a.attname AS column,"
		       " pg_get_constraintdef(c.oid) AS text FROM pg_constraint c"
		       " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
		       " WHERE c.contype = 'c' AND cardinality(c.conkey) = 1"
		       /* A line each in the function that the one CHECK of a table asks. */
		       " UNION ALL SELECT c.conrelid::regclass::text, a.attname, line FROM "
		       "pg_constraint c"
		       " JOIN pg_proc p ON p.proname = c.conname JOIN pg_attribute a"
		       "  ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)"
		       " CROSS JOIN regexp_split_to_table(p.prosrc, '\\n') line"
		       " WHERE c.contype = 'c' AND line ~ ('\\y' || a.attname || '\\y')",
	},
	{ 0 },
};

static struct {
	struct pg *pg;
	struct arena *arena;
	const struct check *checks;
	size_t count, compared;
} db;

static void ignore(void *arg, const char *sentence)
{
	(void)arg;
	(void)sentence;
}

static int setup(void **state)
{
	const struct pg_settings settings = { .conninfo = "" };
	void *rows;

	(void)state;
	db.pg = pg_new(&settings);
	db.arena = arena_new(16384);
	statements_register(db.pg);
	pg_register(db.pg, check_stmts);
	if (migrate_run(&settings, schema_migrations, ignore, NULL) != ERR_OK ||
		pg_connect(db.pg) != ERR_OK ||
		pg_many(db.pg, check_stmts, db.arena, &rows, &db.count, PG_NO_VALUES) != ERR_OK)
		return -1;
	db.checks = rows;
	return 0;
}

static int finish(void **state)
{
	(void)state;
	pg_free(&db.pg);
	arena_free(&db.arena);
	return 0;
}

/* The number behind "length(name) <= " in the text of a CHECK. */
static bool number_behind(const char *text, const char *what, int64_t *ret)
{
	const char *at = strstr(text, what);

	if (at)
		*ret = strtoll(at + strlen(what), NULL, 10);
	return at != NULL;
}

static bool limit_of(const struct check *c, const struct field *f, const char *op, int64_t *ret)
{
	bool number = f->type == FIELD_TYPE_INT;
	char what[128];

	snprintf(what, sizeof(what), number ? "(%s %s " : "length(%s) %s ", c->column, op);
	return number_behind(c->text, what, ret) ||
	       (strcmp(op, "<=") == 0 && number_behind(c->text, "]{1,", ret));
}

static void compare_limits(const char *set, const struct check *c, const struct field *f)
{
	int64_t limit;

	if (limit_of(c, f, "<=", &limit)) {
		if (f->max != limit)
			fail_msg("%s: %s is at most %d, but %s.%s at most %d", set, f->name,
				(int)f->max, c->table, c->column, (int)limit);
		db.compared++;
	}
	if (f->min && limit_of(c, f, ">=", &limit)) {
		if (f->min != limit)
			fail_msg("%s: %s is at least %d, but %s.%s at least %d", set, f->name,
				(int)f->min, c->table, c->column, (int)limit);
		db.compared++;
	}
}

static size_t occurrences(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
		n++;
	return n;
}

static void compare_values(const char *set, const struct check *c, const struct field *f)
{
	const char *values = strstr(c->text, "= ANY (ARRAY[");
	size_t n = 0;

	if (!values)
		return;
	for (; f->one_of && f->one_of[n]; n++) {
		char quoted[64];

		snprintf(quoted, sizeof(quoted), "'%s'::text", f->one_of[n]);
		if (!strstr(values, quoted))
			fail_msg("%s: %s may be %s, but %s.%s may not", set, f->name, f->one_of[n],
				c->table, c->column);
	}
	if (n != occurrences(values, "'::text"))
		fail_msg("%s: %s has another number of values than %s.%s", set, f->name, c->table,
			c->column);
	db.compared++;
}

static void compare(const char *set, const struct field *f, const char *table, const char *column)
{
	for (size_t i = 0; i < db.count; i++) {
		const struct check *c = &db.checks[i];

		if (strcmp(c->table, table) != 0 || strcmp(c->column, column) != 0)
			continue;
		compare_limits(set, c, f);
		compare_values(set, c, f);
	}
}

static void compare_set(const char *set, const struct field *fields)
{
	for (size_t i = 0; i < COUNT(targets); i++) {
		const struct target *t = &targets[i];

		if (strcmp(t->set, set) != 0)
			continue;
		FIELD_FOR_EACH(f, fields) {
			if (t->field && strcmp(t->field, f->name) != 0)
				continue;
			compare(set, f, t->table, t->column ? t->column : f->name);
			met[i] = true;
		}
	}
}

static void compare_endpoints(const struct endpoint *e)
{
	for (; e->path; e++) {
		if (e->in)
			compare_set(e->in->name, e->in->fields);
		if (e->subject)
			compare_set(e->subject->name, e->subject->path);
	}
}

static void what_is_taken_is_what_the_database_takes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(endpoint_tables); i++)
		compare_endpoints(endpoint_tables[i]);
	for (size_t i = 0; i < COUNT(command_tables); i++)
		for (const struct command *k = command_tables[i]; k->words; k++)
			if (k->fields)
				compare_set(k->words, k->fields);
	for (size_t i = 0; i < COUNT(targets); i++)
		if (!met[i])
			fail_msg("nothing is called %s %s", targets[i].set,
				targets[i].field ? targets[i].field : "");
	print_message("%d limits compared\n", (int)db.compared);
	assert_true(db.compared >= COMPARISONS_MIN);
}

/* Rows that say nothing are those whose limits stand on the rows of the input. */
static void compare_written(const struct stmt *s, const char *table)
{
	FIELD_FOR_EACH(f, s->in)
		if ((f->max || f->one_of) && !(f->flags & FIELD_COMPUTED))
			compare(s->name, f, table, f->column ? f->column : f->name);
}

static void limits_of_what_statements_write_are_those_of_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < db.pg->stmt_count; i++) {
		const struct stmt *s = db.pg->stmts[i].stmt;
		char table[64];

		if (s->in && (sscanf(s->sql, "INSERT INTO %63s", table) == 1 ||
				     sscanf(s->sql, "UPDATE %63s", table) == 1))
			compare_written(s, table);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_taken_is_what_the_database_takes),
		cmocka_unit_test(limits_of_what_statements_write_are_those_of_the_table),
	};

	return cmocka_run_group_tests(tests, setup, finish);
}
