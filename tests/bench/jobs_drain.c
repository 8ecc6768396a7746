/*
 * How fast jobs are drained by a back end that does nothing, beside a real PostgreSQL: usage jobs-drain COUNT WORKERS
 * Prints jobs a second.  tests/bench/jobs runs it.
 */
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "delivery/backend.h"
#include "jobs/queue.h"
#include "outgoing/transfers.h"
#include "pg/migrate.h"
#include "pg/pg.h"

#define SPACES  20
#define AT_ONCE 32

static const struct delivery_settings settings = {
	.claim_s = 60, .attempts_max = 3, .retry_s = 5, .retry_max_s = 5
};
static uint64_t done;

static bool always(const struct delivery_settings *s)
{
	(void)s;
	return true;
}

static struct backend_limits limits(const struct delivery_settings *s)
{
	(void)s;
	return (struct backend_limits){ AT_ONCE, AT_ONCE / 4, 0, "none" };
}

static void nothing(struct attempt *a)
{
	done++;
	attempt_done(a);
}

static const struct backend idle = {
	.name = "idle", .is_set_up = always, .limits = limits, .start = nothing
};
static const struct backend *const table[] = { &idle, NULL };

static void sql(const char *text)
{
	PGconn *c = PQconnectdb("");

	PQclear(PQexec(c, text));
	if (*PQerrorMessage(c)) {
		fprintf(stderr, "%s", PQerrorMessage(c));
		exit(EXIT_FAILURE);
	}
	PQfinish(c);
}

static void fill(long count)
{
	char text[512];

	snprintf(text, sizeof(text),
		"TRUNCATE jobs; INSERT INTO jobs (kind, domain, payload, expires_at)"
		" SELECT 'idle.note', 's' || i %% %d, '{}', now() + interval '1 hour'"
		" FROM generate_series(1, %ld) i",
		SPACES, count);
	sql(text);
	sql("VACUUM ANALYZE jobs");
}

static void say_nothing(void *arg, const char *sentence)
{
	(void)arg;
	(void)sentence;
}

/* Until a whole second brought nothing. */
static int work(void)
{
	const struct pg_settings own = { .conninfo = "" };
	struct queue q = { .service = { .pg = pg_new(&own), .arena = arena_new(65536) },
		.settings = &settings,
		.backends = table,
		.transfers = transfers_new() };
	uint64_t before = 0;
	int64_t last = clock_ms();

	queue_register(q.service.pg);
	while (clock_ms() < last + 1000) {
		if (queue_step(&q, false, 10) > 0)
			usleep(1000);
		if (done > before)
			last = clock_ms();
		before = done;
	}
	queue_finish(&q);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const struct pg_settings own = { .conninfo = "" };
	long count = argc > 1 ? atol(argv[1]) : 20000;
	int workers = argc > 2 ? atoi(argv[2]) : 1;
	int64_t start;

	if (migrate_run(&own, schema_migrations, say_nothing, NULL) != ERR_OK)
		return EXIT_FAILURE;
	fill(count);
	start = clock_ms();
	for (int i = 0; i < workers; i++)
		if (fork() == 0)
			_exit(work());
	while (wait(NULL) > 0)
		;
	printf("%" PRId64 "\n", count * 1000 / (clock_ms() - start - 1000));
	return EXIT_SUCCESS;
}
