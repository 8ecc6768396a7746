/* An empty database for a test that needs one of its own. */
#ifndef DIALTONE_TESTS_STORE_FRESH_SCHEMA_H
#define DIALTONE_TESTS_STORE_FRESH_SCHEMA_H

#include "pg/migrate.h"
#include "server.h"

static inline void fresh_schema_say_nothing(void *arg, const char *sentence)
{
	(void)arg, (void)sentence;
}

/* Whatever was in it is gone; every migration has run. */
static inline void fresh_schema(void)
{
	const struct pg_settings settings = { .conninfo = "" };

	server_sql("DROP SCHEMA IF EXISTS sip CASCADE");
	server_sql("DROP SCHEMA public CASCADE");
	server_sql("CREATE SCHEMA public");
	assert_int_equal(
		migrate_run(&settings, schema_migrations, fresh_schema_say_nothing, NULL), ERR_OK);
}

#endif
