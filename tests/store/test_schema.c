#include "server.h"

#include "pg/migrate.h"
#include "store/store.h"

static void say(void *arg, const char *sentence)
{
	(void)arg;
	print_message("%s\n", sentence);
}

static void every_statement_fits_the_migrated_schema(void **state)
{
	const struct pg_settings settings = { .conninfo = "" };
	const struct store_settings store_settings = { .conninfo = "" };
	struct store *store = store_new(&store_settings);

	(void)state;
	assert_int_equal(migrate_run(&settings, schema_migrations, say, NULL), ERR_OK);
	assert_int_equal(store_connect(store), ERR_OK);
	store_free(&store);
}

static void a_dump_of_the_database_can_be_restored(void **state)
{
	(void)state;
	server_sql("INSERT INTO spaces (domain, host, name) VALUES ('a.example', 'a', 'A')");
	server_sql("INSERT INTO accounts (username, domain) VALUES ('bob', 'a.example')");
	server_sql("INSERT INTO profiles (domain, name, macro_permissions)"
		   " VALUES ('a.example', 'P', '{\"settings\": {\"value\": true}}')");
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
	const struct store_settings elsewhere = { .conninfo = "dbname=template1" };
	struct store *store = store_new(&elsewhere);

	(void)state;
	assert_int_equal(store_connect(store), ERR_INTERNAL);
	store_free(&store);
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
