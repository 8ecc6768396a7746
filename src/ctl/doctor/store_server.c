#include "pg/pg.h"
#include "server_facts.h"

enum { DOCTOR_SERVER, DOCTOR_LOCK, DOCTOR_SERVER_STMTS };

static const struct field server_fields[] = {
	FIELD_TEXT(server_facts, role),
	FIELD_TEXT(server_facts, database),
	FIELD_INT(server_facts, version),
	FIELD_INT(server_facts, max_connections),
	FIELD_INT(server_facts, port),
	FIELD_TIME(server_facts, now),
	FIELD_INT(server_facts, backend),
	FIELD_BOOL(server_facts, superuser),
	FIELD_BOOL(server_facts, standby),
	FIELD_INT(server_facts, jobs),
	FIELD_INT(server_facts, pbx),
	FIELD_INT(server_facts, api),
	FIELD_INT(server_facts, tables_closed),
	FIELD_TEXT(server_facts, table_closed),
	FIELD_BOOL(server_facts, has_kamailio),
	FIELD_BOOL(server_facts, may_read_kamailio),
	FIELDS_END,
};

static const struct field lock_fields[] = {
	FIELD_INT(lock_holder, pid),
	FIELD_INT(lock_holder, waiting),
	FIELD_TEXT(lock_holder, role),
	FIELD_TEXT(lock_holder, program),
	FIELDS_END,
};

#define CONNECTED(program)                                                          \
	"(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()" \
	" AND application_name = '" program "')"
#define CLOSED                                                                        \
	"pg_class c WHERE c.relnamespace = to_regnamespace('public')"                 \
	" AND (c.relkind IN ('r', 'p') AND NOT (has_table_privilege(c.oid, 'SELECT')" \
	"   AND has_table_privilege(c.oid, 'INSERT')"                                 \
	"   AND has_table_privilege(c.oid, 'UPDATE')"                                 \
	"   AND has_table_privilege(c.oid, 'DELETE'))"                                \
	"  OR c.relkind = 'S' AND NOT has_sequence_privilege(c.oid, 'USAGE'))"
#define LOCATION "to_regclass('kamailio.location')"

static const struct stmt doctor_server_stmts[DOCTOR_SERVER_STMTS + 1] = {
	[DOCTOR_SERVER] = {
		.name = "doctor_server",
		.row = server_fields,
		.row_size = sizeof(struct server_facts),
		.rows = PG_ONE,
		.sql = "SELECT current_user::text AS role, current_database()::text AS database,"
		       " current_setting('server_version_num')::bigint AS version,"
		       " current_setting('max_connections')::bigint"
		       "  - current_setting('superuser_reserved_connections')::bigint"
		       "  - coalesce(current_setting('reserved_connections', true), '0')::bigint"
		       "  AS max_connections,"
		       " current_setting('port')::bigint AS port, clock_timestamp() AS now,"
		       " pg_backend_pid()::bigint AS backend,"
		       " (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,"
		       " pg_is_in_recovery() AS standby,"
		       " " CONNECTED("dialtone-jobs") " AS jobs,"
		       " " CONNECTED("dialtone-pbx") " AS pbx,"
		       " " CONNECTED("dialtone-api") " AS api,"
		       " (SELECT count(*) FROM " CLOSED ") AS tables_closed,"
		       " (SELECT min(c.relname)::text FROM " CLOSED ") AS table_closed,"
		       " " LOCATION " IS NOT NULL AS has_kamailio,"
		       " coalesce(has_table_privilege(" LOCATION ", 'SELECT'), false)"
		       "  AS may_read_kamailio",
	},
	/* A session that waits may be in the way of others as well: the one to blame waits for none.  What a session
	 * runs and since when is shown to its own role alone; which one blocks which is shown to all. */
	[DOCTOR_LOCK] = {
		.name = "doctor_lock",
		.row = lock_fields,
		.row_size = sizeof(struct lock_holder),
		.rows = PG_MAY_ONE,
		.sql = "WITH w AS MATERIALIZED (SELECT DISTINCT l.pid FROM pg_locks l"
		       "  JOIN pg_stat_activity a ON a.pid = l.pid"
		       "  WHERE NOT l.granted AND a.datname = current_database()),"
		       " b AS (SELECT unnest(pg_blocking_pids(w.pid)) AS pid FROM w)"
		       " SELECT a.pid::bigint AS pid, (SELECT count(*) FROM w) AS waiting,"
		       " coalesce(a.usename, '')::text AS role,"
		       " coalesce(a.application_name, '')::text AS program"
		       " FROM pg_stat_activity a"
		       " WHERE a.pid IN (SELECT b.pid FROM b)"
		       "  AND NOT EXISTS (SELECT FROM w WHERE w.pid = a.pid)"
		       " ORDER BY a.pid LIMIT 1",
	},
};

void server_facts_register(struct pg *pg)
{
	pg_register(pg, doctor_server_stmts);
}

enum err server_facts_read(struct pg *pg, struct arena *arena, struct server_facts *ret)
{
	return pg_one(pg, &doctor_server_stmts[DOCTOR_SERVER], arena, ret, PG_NO_VALUES);
}

enum err lock_holder_read(struct pg *pg, struct arena *arena, struct lock_holder *ret)
{
	return pg_one(pg, &doctor_server_stmts[DOCTOR_LOCK], arena, ret, PG_NO_VALUES);
}
