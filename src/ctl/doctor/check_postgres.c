/* PostgreSQL: is it there, does it let us in and no others, does it fit? */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "doctor_priv.h"
#include "pg/pg.h"

#define APP_NAME       "dialtonectl"
#define OWN            4 /* connections of commands, and of what tells the figures of the API */
#define LEASES         2 /* connections of a dialtone-pbx */
#define MARGIN_PERCENT 20
#define LOCK_LONG_US   1000000

/* ---- the connection ---- */

static enum err open_as_service(struct doctor *d, struct pg *pg)
{
	enum err e;

	person_become(&d->service);
	e = pg_connect(pg);
	person_return();
	return e;
}

/* The first word in double quotes: the role or database that is meant. */
static const char *quoted(struct doctor *d, const char *text, const char *behind)
{
	const char *begin = strstr(text, behind);
	const char *end = begin ? strchr(begin + strlen(behind), '"') : NULL;

	return end ? arena_strndup(d->arena, begin + strlen(behind),
			     (size_t)(end - begin) - strlen(behind))
		   : "dialtone";
}

static const char *conninfo_usual(struct doctor *d)
{
	return d->instance ? arena_printf(d->arena, "host=%s/run/pg dbname=dialtone user=dialtone",
				     d->instance)
			   : "dbname=dialtone";
}

/* Without a database of our own to ask in. */
static const char *as_owner(struct doctor *d, const char *program, const char *rest)
{
	return arena_printf(d->arena, "%s%s%s %s", d->instance ? "" : "runuser -u postgres -- ",
		program,
		d->instance ? arena_printf(d->arena, " -h %s/run/pg -U postgres", d->instance) : "",
		rest);
}

static const char *mend_refusal(struct doctor *d, const char *why)
{
	if (strstr(why, "role \"") && strstr(why, "does not exist"))
		return as_owner(d, "createuser", quoted(d, why, "role \""));
	if (strstr(why, "database \"") && strstr(why, "does not exist"))
		return as_owner(d, "createdb",
			arena_printf(d->arena, "-O dialtone %s", quoted(d, why, "database \"")));
	if (strstr(why, "eer authentication failed"))
		return mend_setting(d, "common", "postgres", conninfo_usual(d));
	if (strstr(why, "password authentication failed") || strstr(why, "no password supplied"))
		return as_owner(d, "psql",
			arena_printf(d->arena, "-c '\\password %s'", quoted(d, why, "user \"")));
	if (strstr(why, "too many clients") || strstr(why, "connection slots"))
		return as_owner(d, "psql",
			arena_printf(d->arena,
				"-c \"ALTER SYSTEM SET max_connections = 300\" && %s",
				mend_restart(d, "postgres")));
	if (strstr(why, "no pg_hba.conf entry"))
		return as_owner(d, "psql", "-At -c 'SHOW hba_file'");
	return strstr(why, "in time") ? mend_restart(d, "postgres") : mend_start(d, "postgres");
}

static struct doctor_finding look_postgres(struct doctor *d)
{
	struct pg *pg = pg_new(&(struct pg_settings){ .conninfo = d->setup->common->postgres,
		.app_name = APP_NAME,
		.connect_timeout_ms = DOCTOR_WAIT_MS,
		.query_timeout_ms = DOCTOR_WAIT_MS });
	int64_t begin = clock_wall_us(), end;

	server_facts_register(pg);
	if (open_as_service(d, pg) == ERR_OK) {
		begin = clock_wall_us();
		if (server_facts_read(pg, d->arena, &d->facts) == ERR_OK)
			d->pg = pg;
	}
	end = clock_wall_us();
	if (!d->pg) {
		const char *why = arena_strdup(d->arena, pg_why(pg));

		pg_free(&pg);
		if (is_stranger(d) && (strstr(why, "ermission denied") || strstr(why, "eer auth")))
			return not_looked_at(d, "PostgreSQL is not for us to ask");
		return found_wrong(
			d, mend_refusal(d, why), "%s", *why ? why : "it does not answer");
	}
	d->facts.skew = begin + (end - begin) / 2 - d->facts.now;
	return found_well(d, "version %lld.%lld answers in %lld ms, the role is %s",
		(long long)d->facts.version / 10000, (long long)d->facts.version % 10000,
		(long long)(end - begin) / 1000, d->facts.role);
}

/* ---- what it says of itself ---- */

static struct doctor_finding look_role(struct doctor *d)
{
	if (d->facts.superuser)
		return found_doubtful(d, mend_sql(d, "ALTER ROLE %s NOSUPERUSER", d->facts.role),
			"the role %s may do everything on the whole server", d->facts.role);
	return found_well(d, "%s is an ordinary role", d->facts.role);
}

static struct doctor_finding look_schema(struct doctor *d)
{
	const struct pg_settings settings = { .conninfo = d->setup->common->postgres,
		.app_name = APP_NAME };
	const char *state = "applied";
	struct migration_state *states;
	size_t n = 0, pending = 0;
	enum err e;

	person_become(&d->service);
	e = migrate_status(&settings, d->setup->migrations, d->arena, &states, &n);
	person_return();
	if (e != ERR_OK)
		return not_looked_at(d, "the list of migrations cannot be read");
	for (size_t i = 0; i < n; i++) {
		pending += strcmp(states[i].state, "pending") == 0;
		if (strcmp(states[i].state, "applied") != 0 && strcmp(state, "applied") == 0)
			state = states[i].state;
	}
	if (strcmp(state, "pending") == 0)
		return found_wrong(d, mend_ctl(d, "migrate"),
			"the schema is behind the programs by %zu migrations", pending);
	if (strcmp(state, "unknown") == 0)
		return found_wrong(d, "apt-get install --only-upgrade dialtone",
			"the schema is newer than this program");
	if (strcmp(state, "changed") == 0)
		return found_wrong(
			d, mend_ctl(d, "schema"), "a migration is not the one that was applied");
	return found_well(d, "it is that of the programs");
}

static struct doctor_finding look_grants(struct doctor *d)
{
	if (d->facts.tables_closed == 0)
		return found_well(d, "%s may read and write every table", d->facts.role);
	return found_wrong(d,
		mend_sql(d,
			"GRANT ALL ON ALL TABLES IN SCHEMA public TO %s; GRANT ALL ON ALL "
			"SEQUENCES IN SCHEMA public TO %s",
			d->facts.role, d->facts.role),
		"%s may not read and write %lld tables, %s among them", d->facts.role,
		(long long)d->facts.tables_closed, d->facts.table_closed);
}

static int64_t at_least(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* One for each worker, and one more while workers are replaced. */
static int64_t connections_needed(struct doctor *d)
{
	return at_least(d->setup->api->workers + 1, d->facts.api) + at_least(1, d->facts.jobs) +
	       at_least(LEASES, LEASES * d->facts.pbx) + OWN;
}

static struct doctor_finding look_connections(struct doctor *d)
{
	int64_t needed = connections_needed(d), most = d->facts.max_connections;
	int64_t better = needed + needed * MARGIN_PERCENT / 100 + OWN;

	if (needed <= most)
		return found_well(d, "the programs take %lld of %lld connections",
			(long long)needed, (long long)most);
	return found_wrong(d,
		arena_printf(d->arena, "%s && %s",
			mend_sql(d, "ALTER SYSTEM SET max_connections = %lld", (long long)better),
			mend_restart(d, "postgres")),
		"the programs take %lld connections (workers = %lld), PostgreSQL has %lld",
		(long long)needed, (long long)d->setup->api->workers, (long long)most);
}

/* ---- locks in the way of others ---- */

/* Locks are waited for all the time, and for a moment: one that is there twice is long. */
static enum err find_lock(struct doctor *d, struct lock_holder *ret)
{
	struct lock_holder first;
	enum err e = lock_holder_read(d->pg, d->arena, &first);

	if (e != ERR_OK)
		return e;
	usleep(LOCK_LONG_US);
	e = lock_holder_read(d->pg, d->arena, ret);
	return e == ERR_OK && ret->pid != first.pid ? ERR_NOT_FOUND : e;
}

static struct doctor_finding look_locks(struct doctor *d)
{
	struct lock_holder holder;
	enum err e = find_lock(d, &holder);

	if (e == ERR_NOT_FOUND)
		return found_well(d, "no transaction waits for long");
	if (e != ERR_OK)
		return not_looked_at(d, "the locks cannot be read");
	d->is_locked = true;
	return found_wrong(d,
		mend_sql(d, "SELECT pg_terminate_backend(%lld)", (long long)holder.pid),
		"process %lld of PostgreSQL (role %s, program %s) has a lock that %lld others wait "
		"for",
		(long long)holder.pid, holder.role, *holder.program ? holder.program : "unnamed",
		(long long)holder.waiting);
}

/* ---- who else it lets in ---- */

/* As our role, without a password. host NULL: over the unix socket that is usual for libpq. */
static bool lets_in(struct doctor *d, const char *host, const struct person *as)
{
	const char *conninfo = arena_printf(d->arena,
		"%s%s port=%lld user='%s' dbname='%s' passfile=/none sslmode=prefer",
		host ? "host=" : "", host ? host : "", (long long)d->facts.port, d->facts.role,
		d->facts.database);
	struct pg *pg = pg_new(&(struct pg_settings){ .conninfo = conninfo,
		.app_name = APP_NAME,
		.connect_timeout_ms = DOCTOR_WAIT_MS,
		.query_timeout_ms = DOCTOR_WAIT_MS });
	bool in;

	server_facts_register(pg);
	if (as)
		person_become(as);
	in = pg_connect(pg) == ERR_OK;
	if (as)
		person_return();
	pg_free(&pg);
	return in;
}

static const char *mend_trust(struct doctor *d)
{
	return arena_printf(d->arena,
		"sed -i -E -e '/^local/s/[[:space:]]trust/ peer/' -e "
		"'/^host/s/[[:space:]]trust/ scram-sha-256/' \"$(%s)\" && %s",
		as_owner(d, "psql", "-At -c 'SHOW hba_file'"),
		mend_sql(d, "SELECT pg_reload_conf()"));
}

/* Only what listens on this machine can be tried. */
static struct doctor_finding look_access(struct doctor *d)
{
	struct person nobody;
	const char *socket =
		d->instance ? arena_printf(d->arena, "%s/run/pg", d->instance) : "/run/postgresql";

	if (getenv("PGPASSWORD"))
		return not_looked_at(d, "PGPASSWORD is set");
	if (lets_in(d, "127.0.0.1", NULL))
		return found_wrong(d, mend_trust(d),
			"all users of this machine get in over TCP, without a password");
	if (geteuid() == 0 && person_named("nobody", d->arena, &nobody) &&
		access(socket, X_OK) == 0 && lets_in(d, socket, &nobody))
		return found_wrong(
			d, mend_trust(d), "all users of this machine get in over the unix socket");
	return found_well(d, "without a password there is no way in over TCP");
}

const struct doctor_check postgres_checks[] = {
	{ "postgres", "PostgreSQL answers and takes our role", look_postgres, NULL },
	{ "postgres_role", "that the role has no more rights than it needs", look_role,
		"postgres" },
	{ "postgres_schema", "that the tables are those of the programs", look_schema, "postgres" },
	{ "postgres_grants", "that the role may use the tables", look_grants, "postgres_schema" },
	{ "postgres_connections", "enough connections for all programs", look_connections,
		"postgres" },
	{ "postgres_locks", "that no lock is in the way of others", look_locks, "postgres" },
	{ "postgres_access", "who else PostgreSQL lets in (pg_hba.conf)", look_access, "postgres" },
	{ 0 },
};
