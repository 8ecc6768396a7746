/*
 * What is counted of accounts is what there is, whatever happened to them and whatever else was done at the same time; and any
 * page of them is found by it.  Histories are random: TEST_SEED repeats one, TEST_ROUNDS makes it longer.
 */
#include "fresh_schema.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "jobs/cleanup.h"
#include "jobs/jobs.h"
#include "resources/accounts/account.h"
#include "resources/statements.h"
#include "service/subject_call.h"

#define WRITERS    6
#define FOLDERS    2
#define ROUNDS     60
#define MISCOUNTED "SELECT count(*) FROM accounts_miscounted()"
#define LOOSE      "SELECT count(*) FROM accounts_counts WHERE slot <> 0"
#define SOME(count)                                                                               \
	"(SELECT id FROM accounts WHERE starts_with(username, $1) ORDER BY random() LIMIT " count \
	")"
#define ANY_DOMAIN "(ARRAY['a.example', 'b.example', 'c.example'])[1 + floor(random() * 3)]"

/* Ids lie apart, so that a thousand accounts are in all kinds of ranges. */
static int setup(void **state)
{
	(void)state;
	fresh_schema();
	server_sql("INSERT INTO spaces (domain, host, name)"
		   " SELECT d || '.example', d, d FROM unnest('{a,b,c,few}'::text[]) d");
	server_sql("ALTER TABLE accounts ALTER id SET INCREMENT BY 61");
	return 0;
}

static struct service open_service(void)
{
	static const struct pg_settings settings = { .conninfo = "", .query_timeout_ms = 20000 };
	struct service s = { .pg = pg_new(&settings), .arena = arena_new(4096) };

	statements_register(s.pg);
	jobs_register(s.pg);
	return s;
}

static void close_service(struct service *s)
{
	pg_free(&s->pg);
	arena_free(&s->arena);
}

static void fold(struct service *s)
{
	struct cleanup_plan now = { 0 };

	cleanup_run_due(&now, s, 60);
}

struct writer {
	int number, rounds;
	unsigned int seed;
	PGconn *c;
	char failure[512];
};

/* $1: what the writer's names begin with; $2: a number for new ones. No two write the same account: if one had to
 * wait for another, or there were a deadlock, it would be one of the counters. */
static void run(struct writer *w, const char *sql, int name)
{
	static const Oid types[] = { 25, 25 }; /* text */
	char begin[16], number[16];
	const char *values[] = { begin, number };

	snprintf(begin, sizeof(begin), "w%d.", w->number);
	snprintf(number, sizeof(number), "%d", name);
	PGresult *r = PQexecParams(w->c, sql, 2, types, values, NULL, NULL, 0);
	if (PQresultErrorMessage(r)[0] && !w->failure[0])
		snprintf(w->failure, sizeof(w->failure), "%s: %s", sql, PQresultErrorMessage(r));
	PQclear(r);
}

static void step(struct writer *w, int name)
{
	static const char *const changes[] = {
		"INSERT INTO accounts (username, domain) VALUES ($1 || $2, " ANY_DOMAIN ")",
		"INSERT INTO accounts (username, domain) SELECT $1 || $2 || '.' || i, " ANY_DOMAIN
		" FROM generate_series(1, 12) i",
		"DELETE FROM accounts WHERE id IN " SOME("1"),
		"DELETE FROM accounts WHERE id IN " SOME("9"),
		"UPDATE accounts SET domain = " ANY_DOMAIN " WHERE id IN " SOME("4"),
		"UPDATE accounts SET activated = NOT activated, phone = CASE WHEN phone IS NULL"
		" THEN '+39' || (1000000 + id) END WHERE id IN " SOME("3"),
		"UPDATE accounts SET created_at = created_at - interval '1 hour' WHERE id IN " SOME(
			"2"),
	};

	run(w, "SAVEPOINT s", name);
	run(w, changes[rand_r(&w->seed) % 7], name);
	run(w, rand_r(&w->seed) % 4 ? "RELEASE s" : "ROLLBACK TO s", name);
}

static void *write_history(void *arg)
{
	struct writer *w = arg;

	w->c = PQconnectdb("");
	for (int round = 0; round < w->rounds; round++) {
		run(w, "BEGIN", 0);
		for (int n = 1 + rand_r(&w->seed) % 4; n > 0; n--)
			step(w, 4 * round + n);
		run(w, rand_r(&w->seed) % 4 ? "COMMIT" : "ROLLBACK", 0);
	}
	PQfinish(w->c);
	return NULL;
}

static atomic_bool written;

static void *fold_meanwhile(void *arg)
{
	struct service s = open_service();

	(void)arg;
	while (!atomic_load(&written))
		fold(&s);
	close_service(&s);
	return NULL;
}

static int number_in(const char *variable, int otherwise)
{
	const char *value = getenv(variable);

	return value ? atoi(value) : otherwise;
}

static void write_histories(void)
{
	unsigned int seed = (unsigned int)number_in("TEST_SEED", (int)getpid());
	struct writer writers[WRITERS];
	pthread_t threads[WRITERS], folders[FOLDERS];

	print_message("TEST_SEED=%u\n", seed);
	atomic_store(&written, false);
	for (int i = 0; i < FOLDERS; i++)
		pthread_create(&folders[i], NULL, fold_meanwhile, NULL);
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ .number = i,
			.rounds = number_in("TEST_ROUNDS", ROUNDS),
			.seed = seed + (unsigned int)i };
		pthread_create(&threads[i], NULL, write_history, &writers[i]);
	}
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	atomic_store(&written, true);
	for (int i = 0; i < FOLDERS; i++)
		pthread_join(folders[i], NULL);
	for (int i = 0; i < WRITERS; i++)
		assert_string_equal(writers[i].failure, "");
}

/* The server takes all connections down and comes back with what was committed. */
static void kill_a_writer(void)
{
	PGconn *c = PQconnectdb(""), *beside = PQconnectdb("");

	PQclear(PQexec(c, "BEGIN"));
	PQclear(PQexec(c, "INSERT INTO accounts (username, domain) VALUES ('lost', 'a.example')"));
	assert_int_equal(PQtransactionStatus(c), PQTRANS_INTRANS);
	kill(PQbackendPID(c), SIGKILL);
	PQclear(PQexec(beside, "SELECT pg_sleep(60)"));
	assert_int_equal(PQstatus(beside), CONNECTION_BAD);
	PQfinish(c);
	PQfinish(beside);
	while (PQping("") != PQPING_OK)
		usleep(20000);
}

static void assert_page(struct service *s, const char *domain, int64_t page, long count)
{
	const int64_t before = (page - 1) * ACCOUNT_PAGE_SIZE;
	const struct subject_key key = { .domain = domain, .page = page };
	struct subject_lookup all = { .subject = &accounts_count, .key = &key },
			      got = { .subject = &accounts_page, .key = &key, .next = &all };
	char sql[256];

	arena_reset(s->arena);
	subject_find(s, &got);
	assert_int_equal(got.result, ERR_OK);
	assert_int_equal(all.result, ERR_OK);
	assert_int_equal(((struct counted *)all.row)->count, count);
	const struct rows *rows = got.row;

	assert_int_equal(rows->n, count - before < ACCOUNT_PAGE_SIZE
					  ? (count > before ? count - before : 0)
					  : ACCOUNT_PAGE_SIZE);
	for (size_t i = 0; i < rows->n; i += rows->n - 1 ? rows->n - 1 : 1) {
		snprintf(sql, sizeof(sql),
			"SELECT id FROM accounts WHERE domain = '%s' ORDER BY id LIMIT 1 OFFSET "
			"%lld",
			domain, (long long)before + (long long)i);
		assert_int_equal(((struct account *)rows->items)[i].id, server_sql(sql));
	}
}

static void assert_pages(struct service *s, const char *domain)
{
	char sql[128];
	long count;

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM accounts WHERE domain = '%s'", domain);
	count = server_sql(sql);
	for (int64_t page = 1; page <= count / ACCOUNT_PAGE_SIZE + 2; page++)
		assert_page(s, domain, page, count);
}

static void counts_are_what_there_is_after_any_history(void **state)
{
	struct service s = open_service();

	(void)state;
	server_sql("INSERT INTO accounts (username, domain) VALUES ('first', 'few.example')");
	write_histories();
	server_sql("INSERT INTO accounts (username, domain) VALUES ('last', 'few.example')");
	assert_int_equal(server_sql(MISCOUNTED), 0);
	assert_true(server_sql("SELECT count(*) FROM accounts_tombstones") > WRITERS);
	for (int i = 0; i < 4; i++)
		assert_pages(&s, (const char *[]){
					 "a.example", "b.example", "c.example", "few.example" }[i]);
	kill_a_writer();
	assert_int_equal(server_sql(MISCOUNTED), 0);
	pg_disconnect(s.pg);
	assert_int_equal(pg_connect(s.pg), ERR_OK);
	fold(&s);
	assert_int_equal(server_sql(MISCOUNTED), 0);
	assert_int_equal(server_sql(LOOSE), 0);
	assert_pages(&s, "a.example");
	close_service(&s);
}

static void what_comes_to_nothing_leaves_nothing(void **state)
{
	struct service s = open_service();

	(void)state;
	server_sql("INSERT INTO accounts (username, domain)"
		   " SELECT 'u' || i, 'a.example' FROM generate_series(1, 300) i");
	fold(&s);
	server_sql("DELETE FROM spaces WHERE domain = 'a.example'");
	assert_int_equal(server_sql(MISCOUNTED), 0);
	fold(&s);
	assert_int_equal(server_sql("SELECT count(*) FROM accounts_counts"), 0);
	close_service(&s);
}

/* Neither what others add and delete nor the sums of it are waited for. */
static void changes_at_the_same_time_wait_for_nothing(void **state)
{
	PGconn *one = PQconnectdb("");
	struct service s = open_service();

	(void)state;
	server_sql("INSERT INTO accounts (username, domain) VALUES ('old', 'a.example'), ('older', "
		   "'a.example')");
	PQclear(PQexec(one, "BEGIN"));
	PQclear(PQexec(one, "INSERT INTO accounts (username, domain) VALUES ('new', 'a.example')"));
	PQclear(PQexec(one, "DELETE FROM accounts WHERE username = 'old'"));
	fold(&s);
	server_sql("SET lock_timeout = '1s'; DELETE FROM accounts WHERE username = 'older';"
		   " INSERT INTO accounts (username, domain) VALUES ('newer', 'a.example')");
	PQclear(PQexec(one, "COMMIT"));
	PQfinish(one);
	assert_int_equal(server_sql(MISCOUNTED), 0);
	close_service(&s);
}

static void accounts_loaded_without_triggers_are_counted_when_asked(void **state)
{
	(void)state;
	server_sql("SET session_replication_role = replica; INSERT INTO accounts (username, domain)"
		   " SELECT 'u' || i, 'a.example' FROM generate_series(1, 900) i");
	assert_true(server_sql(MISCOUNTED) > 0);
	server_sql("SELECT accounts_recount()");
	assert_int_equal(server_sql(MISCOUNTED), 0);
	server_sql("TRUNCATE accounts CASCADE");
	assert_int_equal(server_sql(MISCOUNTED), 0);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counts_are_what_there_is_after_any_history),
		TEST(what_comes_to_nothing_leaves_nothing),
		TEST(changes_at_the_same_time_wait_for_nothing),
		TEST(accounts_loaded_without_triggers_are_counted_when_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
