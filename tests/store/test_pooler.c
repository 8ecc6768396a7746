/* A pooler in front of PostgreSQL: sessions may be pooled, transactions may not, and that is said by name. */
#define _GNU_SOURCE
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRIES 100

struct number {
	int64_t n;
};
static const struct field number_fields[] = { FIELD_INT(number, n), FIELDS_END };
static const struct stmt stmts[] = {
	{
		.name = "timeout",
		.row = number_fields,
		.row_size = sizeof(struct number),
		.rows = PG_ONE,
		.sql = "SELECT setting::bigint AS n FROM pg_settings"
		       " WHERE name = 'statement_timeout'",
	},
	{ 0 },
};

struct pooler {
	char dir[32], file[48], conninfo[96];
	int port;
	pid_t pid;
};

static int free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	close(fd);
	return ntohs(a.sin_port);
}

static void configure(struct pooler *p, const char *mode)
{
	FILE *f = fopen(p->file, "w");

	assert_non_null(f);
	fprintf(f,
		"[databases]\npostgres = host=%s port=5432 user=postgres\n"
		"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %d\nunix_socket_dir =\n"
		"auth_type = any\npool_mode = %s\ndefault_pool_size = 1\n",
		getenv("PGHOST"), p->port, mode);
	fclose(f);
	chmod(p->dir, 0755);
	chmod(p->file, 0644);
}

/* It refuses to run as root. */
static pid_t start(const char *file)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (!freopen("/dev/null", "w", stderr))
		_exit(1);
	if (geteuid() == 0)
		execlp("setpriv", "setpriv", "--reuid=postgres", "--regid=postgres",
			"--clear-groups", "/usr/sbin/pgbouncer", file, NULL);
	else
		execl("/usr/sbin/pgbouncer", "pgbouncer", file, NULL);
	_exit(127);
}

static bool answers(const char *conninfo)
{
	PGconn *c = PQconnectdb(conninfo);
	bool ok = PQstatus(c) == CONNECTION_OK;

	PQfinish(c);
	return ok;
}

static int open_pooler(void **state, const char *mode)
{
	static struct pooler p;

	if (access("/usr/sbin/pgbouncer", X_OK) < 0)
		return 0;
	*state = &p;
	strcpy(p.dir, "/tmp/dialtone-pooler.XXXXXX");
	if (!mkdtemp(p.dir))
		return -1;
	snprintf(p.file, sizeof(p.file), "%s/ini", p.dir);
	p.port = free_port();
	snprintf(p.conninfo, sizeof(p.conninfo),
		"host=127.0.0.1 port=%d dbname=postgres user=postgres", p.port);
	configure(&p, mode);
	p.pid = start(p.file);
	for (int i = 0; i < TRIES && !answers(p.conninfo); i++)
		usleep(50000);
	return 0;
}

static int of_sessions(void **state)
{
	return open_pooler(state, "session");
}

static int of_transactions(void **state)
{
	return open_pooler(state, "transaction");
}

static int close_pooler(void **state)
{
	struct pooler *p = *state;

	if (!p)
		return 0;
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
	unlink(p->file);
	rmdir(p->dir);
	return 0;
}

static struct pooler *pooler_or_skip(void **state)
{
	if (!*state)
		skip();
	return *state;
}

static struct pg *client_of(const struct pooler *p)
{
	struct pg *pg = pg_new(&(struct pg_settings){ .conninfo = p->conninfo,
		.app_name = "test",
		.connect_timeout_ms = 2000,
		.query_timeout_ms = 300 });

	pg_register(pg, stmts);
	return pg;
}

static void a_pooler_of_sessions_is_like_none(void **state)
{
	struct pg *pg = client_of(pooler_or_skip(state));
	struct number r;

	assert_int_equal(pg_connect(pg), ERR_OK);
	assert_int_equal(pg_one(pg, stmts, NULL, &r, PG_NO_VALUES), ERR_OK);
	assert_int_equal(r.n, 300);
	pg_free(&pg);
}

static void a_pooler_of_transactions_is_called_by_its_name(void **state)
{
	struct pg *one = client_of(pooler_or_skip(state)), *two = client_of(*state);

	struct pg *refused = pg_connect(one) == ERR_OK ? two : one;

	/* One that knows nothing of prepared statements (before 1.21) is only found out by the second. */
	assert_int_equal(pg_connect(refused), ERR_UNAVAILABLE);
	assert_non_null(strstr(pg_why(refused), "a pooler in transaction mode"));
	assert_null(strstr(pg_why(refused), "does not fit the schema"));
	pg_free(&one);
	pg_free(&two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_pooler_of_sessions_is_like_none, of_sessions, close_pooler),
		cmocka_unit_test_setup_teardown(a_pooler_of_transactions_is_called_by_its_name,
			of_transactions, close_pooler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
