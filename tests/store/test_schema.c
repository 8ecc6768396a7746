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
		cmocka_unit_test(a_database_without_the_schema_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
