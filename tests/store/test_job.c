/* Jobs as they wait in the database (service/job.h). */
#include "server.h"

#include "../unit/crypto/keys.h"
#include "base/clock.h"
#include "pg/migrate.h"
#include "service/job.h"

#define HOUR_US (3600 * CLOCK_SECOND_US)

extern const struct stmt service_job_stmts[];

struct note {
	const char *to, *code;
};
static const struct field note_fields[] = {
	FIELD_TEXT(note, to),
	FIELD_TEXT(note, code),
	FIELDS_END,
};
static const struct job_kind plain = { "test.plain", note_fields, false };
static const struct job_kind secret = { "test.secret", note_fields, true };
static const struct note note = { "alice@example.org", "4711" };

static struct service service;
static struct keyring *keys;

static void say_nothing(void *arg, const char *sentence)
{
	(void)arg;
	(void)sentence;
}

static int migrate(void **state)
{
	const struct pg_settings settings = { .conninfo = "" };

	(void)state;
	return migrate_run(&settings, schema_migrations, say_nothing, NULL) == ERR_OK ? 0 : -1;
}

static int open_service(void **state)
{
	struct pg *pg = server_pg(service_job_stmts, 0);

	(void)state;
	service = (struct service){ .arena = arena_new(4096) };
	service.keys = keys = keys_from(KEYS_OLD);
	service.pg = pg;
	return pg_connect(pg) == ERR_OK ? 0 : -1;
}

static int close_service(void **state)
{
	(void)state;
	server_sql("DELETE FROM jobs");
	keyring_free(&keys);
	pg_free(&service.pg);
	arena_free(&service.arena);
	return 0;
}

static int64_t added(const struct job_kind *kind)
{
	assert_int_equal(job_add(&service, kind, "d", 0, clock_wall_us() + HOUR_US, &note), ERR_OK);
	return server_sql("SELECT max(id) FROM jobs");
}

static void a_job_comes_back_with_its_payload(void **state)
{
	struct job job;

	(void)state;
	assert_int_equal(job_get(&service, added(&plain), true, &job), ERR_OK);
	assert_string_equal(job.kind, "test.plain");
	assert_string_equal(job.domain, "d");
	assert_int_equal(job.account_id, 0);
	assert_non_null(strstr(job.payload, "4711"));
}

static void a_secret_payload_is_nowhere_in_clear(void **state)
{
	struct job job;
	int64_t id = added(&secret);

	(void)state;
	assert_int_equal(server_sql("SELECT count(*) FROM jobs WHERE jobs::text ~ '4711' OR"
				    " encode(payload_sealed, 'escape') ~ '4711'"),
		0);
	assert_int_equal(job_get(&service, id, true, &job), ERR_OK);
	assert_string_equal(job.payload, "{\"to\":\"alice@example.org\",\"code\":\"4711\"}");
}

static void a_payload_is_shown_only_to_those_who_ask(void **state)
{
	struct job job;

	(void)state;
	assert_int_equal(job_get(&service, added(&plain), false, &job), ERR_OK);
	assert_null(job.payload);
	assert_int_equal(job_get(&service, added(&secret), false, &job), ERR_OK);
	assert_null(job.payload);
}

static void a_payload_whose_key_is_lost_is_no_payload(void **state)
{
	struct job job;
	struct keyring *other = keys_from(KEYS_OTHER);
	int64_t id = added(&secret);

	(void)state;
	service.keys = other;
	assert_int_equal(job_get(&service, id, true, &job), ERR_OK);
	assert_null(job.payload);
	assert_true(job.secret);
	service.keys = keys;
	keyring_free(&other);
}

static void a_transaction_that_fails_leaves_no_job(void **state)
{
	(void)state;
	assert_int_equal(pg_begin(service.pg), ERR_OK);
	assert_int_equal(
		job_add(&service, &plain, "d", 0, clock_wall_us() + HOUR_US, &note), ERR_OK);
	pg_rollback(service.pg);
	assert_int_equal(server_sql("SELECT count(*) FROM jobs"), 0);
}

static void the_newest_come_first(void **state)
{
	struct job *jobs;
	size_t n;
	int64_t first = added(&plain), second = added(&secret), third = added(&plain);

	(void)state;
	assert_int_equal(job_list(&service, NULL, NULL, 2, &jobs, &n), ERR_OK);
	assert_int_equal(n, 2);
	assert_int_equal(jobs[0].id, third);
	assert_int_equal(jobs[1].id, second);
	assert_int_equal(job_list(&service, "test.plain", "waiting", 10, &jobs, &n), ERR_OK);
	assert_int_equal(n, 2);
	assert_int_equal(jobs[1].id, first);
}

static void a_payload_too_large_is_refused(void **state)
{
	char *text = test_calloc(1, JOB_PAYLOAD_MAX + 1);
	const struct note large = { memset(text, 'x', JOB_PAYLOAD_MAX), NULL };

	(void)state;
	assert_int_equal(job_add(&service, &plain, "d", 0, 1, &large), ERR_LIMIT);
	test_free(text);
}

#define WITH_SERVICE(name) cmocka_unit_test_setup_teardown(name, open_service, close_service)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVICE(a_job_comes_back_with_its_payload),
		WITH_SERVICE(a_secret_payload_is_nowhere_in_clear),
		WITH_SERVICE(a_payload_is_shown_only_to_those_who_ask),
		WITH_SERVICE(a_payload_whose_key_is_lost_is_no_payload),
		WITH_SERVICE(a_transaction_that_fails_leaves_no_job),
		WITH_SERVICE(the_newest_come_first),
		WITH_SERVICE(a_payload_too_large_is_refused),
	};

	return cmocka_run_group_tests(tests, migrate, NULL);
}
