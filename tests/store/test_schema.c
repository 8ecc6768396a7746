#include "server.h"

#include "pg/migrate.h"
#include "resources/statements.h"

static void say(void *arg, const char *sentence)
{
	(void)arg;
	print_message("%s\n", sentence);
}

static void every_statement_fits_the_migrated_schema(void **state)
{
	const struct pg_settings settings = { .conninfo = "" };
	struct pg *pg = pg_new(&settings);

	(void)state;
	statements_register(pg);
	assert_int_equal(migrate_run(&settings, schema_migrations, say, NULL), ERR_OK);
	assert_int_equal(pg_connect(pg), ERR_OK);
	pg_free(&pg);
}

static void a_dump_of_the_database_can_be_restored(void **state)
{
	(void)state;
	server_sql("INSERT INTO spaces (domain, host, name) VALUES ('a.example', 'a', 'A')");
	server_sql("INSERT INTO accounts (username, domain) VALUES ('bob', 'a.example')");
	server_sql("INSERT INTO profiles (domain, name, capabilities)"
		   " VALUES ('a.example', 'P', '{settings}')");
	server_sql("CREATE DATABASE copy");
	assert_int_equal(
		system("pg_dump | psql -X -q -o /dev/null -v ON_ERROR_STOP=1 -d copy 2>&1"), 0);
	setenv("PGDATABASE", "copy", 1);
	assert_int_equal(server_sql("SELECT count(*) FROM profiles WHERE capabilities ="
				    " '{settings}'"),
		1);
	assert_int_equal(server_sql("SELECT count(*) FROM accounts"), 1);
	setenv("PGDATABASE", "postgres", 1);
}

static void a_database_without_the_schema_is_refused(void **state)
{
	const struct pg_settings elsewhere = { .conninfo = "dbname=template1" };
	struct pg *pg = pg_new(&elsewhere);

	(void)state;
	statements_register(pg);
	assert_int_equal(pg_connect(pg), ERR_INTERNAL);
	pg_free(&pg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_statement_fits_the_migrated_schema),
		cmocka_unit_test(a_dump_of_the_database_can_be_restored),
		cmocka_unit_test(a_database_without_the_schema_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
