/* How jobs are carried out, beside a real PostgreSQL, by back ends that do as they are told. */
#include "../store/server.h"

#include <string.h>

#include "../unit/crypto/keys.h"
#include "base/clock.h"
#include "delivery/backend.h"
#include "jobs/queue.h"
#include "jobs/standing.h"
#include "outgoing/transfers.h"
#include "pg/migrate.h"

#define HOUR_US  (3600 * CLOCK_SECOND_US)
#define HELD_MAX 64

extern const struct stmt service_job_stmts[];

struct note {
	const char *to;
};
static const struct field note_fields[] = { FIELD_TEXT(note, to), FIELDS_END };
static const struct job_kind obeying = { "obeying.note", note_fields, true };
static const struct job_kind hanging = { "hanging.note", note_fields, false };

static const struct delivery_settings settings = {
	.claim_s = 60, .attempts_max = 3, .retry_s = 100, .retry_max_s = 150, .dead_days = 7
};

/* What the back end "obeying" does with the next one, and what it was given. */
static struct attempt_end order;
static char given[64], mark[64];
static int64_t starts;
/* What the back end "hanging" never ended. */
static struct attempt *held[HELD_MAX];
static size_t held_count;
static int64_t a_minute;

static bool always(const struct delivery_settings *s)
{
	(void)s;
	return true;
}

static bool never(const struct delivery_settings *s)
{
	(void)s;
	return false;
}

static struct backend_limits limits(const struct delivery_settings *s)
{
	(void)s;
	return (struct backend_limits){ 8, 2, a_minute, "notes_per_minute" };
}

static void obey(struct attempt *a)
{
	starts++;
	snprintf(given, sizeof(given), "%s", a->job.payload);
	snprintf(mark, sizeof(mark), "%s", a->job.mark);
	a->ended(a, &order);
}

static void hang(struct attempt *a)
{
	held[held_count++] = a;
}

static const struct backend obeying_backend = {
	.name = "obeying", .is_set_up = always, .limits = limits, .start = obey
};
static const struct backend hanging_backend = {
	.name = "hanging", .is_set_up = always, .limits = limits, .start = hang
};
static const struct backend none_backend = {
	.name = "obeying", .is_set_up = never, .limits = limits, .start = obey
};
static const struct backend *const both[] = { &hanging_backend, &obeying_backend, NULL };
static const struct backend *const none[] = { &none_backend, NULL };

static void say_nothing(void *arg, const char *sentence)
{
	(void)arg;
	(void)sentence;
}

static int migrate(void **state)
{
	const struct pg_settings own = { .conninfo = "" };

	(void)state;
	return migrate_run(&own, schema_migrations, say_nothing, NULL) == ERR_OK ? 0 : -1;
}

static struct keyring *keys;

static struct queue queue_on(struct pg *pg)
{
	queue_register(pg);
	return (struct queue){ .service = { .pg = pg, .keys = keys, .arena = arena_new(1024) },
		.settings = &settings,
		.backends = both,
		.transfers = transfers_new() };
}

static int setup(void **state)
{
	static struct queue q;

	keys = keys_from(KEYS_OLD);
	q = queue_on(server_pg(service_job_stmts, 0));
	order = (struct attempt_end){ .result = ATTEMPT_DONE };
	held_count = 0;
	a_minute = starts = 0;
	*state = &q;
	return pg_connect(q.service.pg) == ERR_OK ? 0 : -1;
}

static void close_queue(struct queue *q)
{
	queue_finish(q);
	arena_free(&q->service.arena);
	pg_free(&q->service.pg);
}

static int teardown(void **state)
{
	close_queue(*state);
	keyring_free(&keys);
	server_sql("TRUNCATE jobs, job_paces");
	return 0;
}

static void add(struct queue *q, const struct job_kind *kind, const char *domain)
{
	const struct note note = { "4711" };

	assert_int_equal(
		job_add(&q->service, kind, domain, 0, clock_wall_us() + HOUR_US, &note), ERR_OK);
}

static void step(struct queue *q)
{
	queue_step(q, true, 0);
}

static void a_job_that_is_done_is_gone_and_its_payload_was_opened(void **state)
{
	struct queue *q = *state;

	add(q, &obeying, "d");
	step(q);
	assert_int_equal(starts, 1);
	assert_string_equal(given, "{\"to\":\"4711\"}");
	assert_int_equal(server_sql("SELECT count(*) FROM jobs"), 0);
}

/* Very many are taken away a part at a time. */
static void what_an_account_that_is_gone_has_left_is_not_done(void **state)
{
	struct queue *q = *state;

	add(q, &obeying, "d");
	server_sql("SET session_replication_role = replica; UPDATE jobs SET account_id = 4711");
	step(q);
	assert_int_equal(starts, 0);
	assert_int_equal(server_sql("SELECT count(*) FROM jobs WHERE attempts = 0"), 1);
}

static void a_job_that_failed_is_tried_again_later_with_the_same_mark(void **state)
{
	struct queue *q = *state;
	char first[64];

	order = (struct attempt_end){ ATTEMPT_LATER, 0, "It is\r\n\x01 closed." };
	add(q, &obeying, "d");
	step(q);
	step(q);
	assert_int_equal(starts, 1);
	/* 50 to 100 seconds. */
	assert_int_equal(
		server_sql("SELECT count(*) FROM jobs WHERE due_at BETWEEN now() + interval"
			   " '45 s' AND now() + interval '101 s' AND NOT running AND attempts = 1"
			   " AND failure = 'It is    closed.' AND ended_at IS NULL"),
		1);
	memcpy(first, mark, sizeof(first));
	server_sql("UPDATE jobs SET due_at = now()");
	step(q);
	assert_int_equal(starts, 2);
	assert_string_equal(mark, first);
	/* 75 to 150, where doubling would be 200. */
	assert_int_equal(
		server_sql("SELECT count(*) FROM jobs WHERE due_at BETWEEN now() + interval"
			   " '70 s' AND now() + interval '151 s' AND attempts = 2"),
		1);
}

static void a_peer_that_names_a_time_is_not_asked_before(void **state)
{
	struct queue *q = *state;

	order = (struct attempt_end){ ATTEMPT_LATER, 1000, "Busy." };
	add(q, &obeying, "d");
	step(q);
	assert_int_equal(
		server_sql("SELECT count(*) FROM jobs WHERE due_at > now() + interval '900 s'"), 1);
}

static void a_job_is_dead_when_it_is_given_up_or_was_tried_often_enough(void **state)
{
	struct queue *q = *state;

	order = (struct attempt_end){ ATTEMPT_GIVE_UP, 0, "No such address." };
	add(q, &obeying, "d");
	step(q);
	assert_int_equal(server_sql("SELECT count(*) FROM jobs WHERE ended_at IS NOT NULL"), 1);
	order.result = ATTEMPT_LATER;
	add(q, &obeying, "d");
	server_sql("UPDATE jobs SET attempts = 2 WHERE ended_at IS NULL");
	step(q);
	assert_int_equal(server_sql("SELECT count(*) FROM jobs WHERE ended_at IS NOT NULL"), 2);
	step(q);
	assert_int_equal(starts, 2);
}

static void a_dead_job_is_tried_again_when_an_operator_says_so_and_an_expired_one_never(
	void **state)
{
	struct queue *q = *state;
	int64_t id;

	add(q, &obeying, "d");
	id = server_sql("UPDATE jobs SET ended_at = now(), attempts = 3 RETURNING id");
	assert_int_equal(job_retry(&q->service, id), ERR_OK);
	step(q);
	assert_int_equal(starts, 1);
	add(q, &obeying, "d");
	id = server_sql("UPDATE jobs SET expires_at = now() RETURNING id");
	q->expire_ms = 0;
	step(q);
	assert_int_equal(starts, 1);
	assert_int_equal(server_sql("SELECT count(*) FROM jobs WHERE ended_at IS NOT NULL"), 1);
	assert_int_equal(job_retry(&q->service, id), ERR_NOT_FOUND);
	assert_int_equal(job_drop(&q->service, id), ERR_OK);
	assert_int_equal(server_sql("SELECT count(*) FROM jobs"), 0);
}

static void what_an_attempt_would_outlive_is_dead_at_once(void **state)
{
	struct queue *q = *state;

	order = (struct attempt_end){ ATTEMPT_LATER, 7200, "Come back in two hours." };
	add(q, &obeying, "d");
	step(q);
	assert_int_equal(server_sql("SELECT count(*) FROM jobs WHERE ended_at IS NOT NULL"), 1);
}

static void the_job_of_a_worker_that_crashed_is_free_when_its_claim_is_over(void **state)
{
	struct queue *q = *state;

	add(q, &obeying, "d");
	server_sql("UPDATE jobs SET running = true, attempts = 1, due_at = now() + interval '9 s'");
	assert_int_equal(job_retry(&q->service, server_sql("SELECT id FROM jobs")), ERR_NOT_FOUND);
	step(q);
	assert_int_equal(starts, 0);
	server_sql("UPDATE jobs SET due_at = now()");
	step(q);
	assert_int_equal(starts, 1);
	assert_int_equal(server_sql("SELECT count(*) FROM jobs"), 0);
}

static void a_claim_is_renewed_while_the_attempt_goes_on(void **state)
{
	struct queue *q = *state;

	add(q, &hanging, "d");
	step(q);
	server_sql("UPDATE jobs SET due_at = now() + interval '1 s'");
	q->renew_ms = 0;
	step(q);
	assert_int_equal(
		server_sql("SELECT count(*) FROM jobs WHERE due_at > now() + interval '50 s'"), 1);
}

static void the_end_of_an_attempt_whose_claim_was_lost_changes_nothing(void **state)
{
	struct queue *q = *state;

	for (int i = 0; i < 2; i++)
		add(q, &hanging, "d");
	step(q);
	assert_int_equal(held_count, 2);
	/* Another one has them since. */
	server_sql("UPDATE jobs SET attempts = attempts + 1");
	attempt_done(held[0]);
	attempt_give_up(held[1], "No.");
	step(q);
	assert_int_equal(
		server_sql("SELECT count(*) FROM jobs WHERE running AND ended_at IS NULL"), 2);
	assert_int_equal(q->running[0], 0);
}

static void a_back_end_that_hangs_holds_up_no_other_and_a_space_no_other_space(void **state)
{
	struct queue *q = *state;

	for (int i = 0; i < 20; i++)
		add(q, &hanging, "a");
	for (int i = 0; i < 3; i++)
		add(q, &obeying, "a");
	add(q, &hanging, "b");
	for (int i = 0; i < 10; i++)
		step(q);
	assert_int_equal(starts, 3);
	/* Two of a space at once, and its servers hang; the other one's are tried all the same. */
	assert_int_equal(held_count, 3);
	assert_int_equal(server_sql("SELECT count(*) FROM jobs WHERE domain = 'b' AND running"), 1);
}

static void beyond_its_rate_a_space_waits_and_others_do_not(void **state)
{
	struct queue *q = *state;

	a_minute = 3;
	for (int i = 0; i < 5; i++)
		add(q, &obeying, "a");
	add(q, &obeying, "b");
	for (int i = 0; i < 10; i++)
		step(q);
	assert_int_equal(starts, 4);
	assert_int_equal(server_sql("SELECT count(*) FROM jobs WHERE domain = 'a' AND attempts = 0"
				    " AND NOT running AND due_at > now() + interval '15 s'"
				    " AND due_at < now() + interval '41 s'"),
		2);
	assert_int_equal(q->kinds[0].paced, 2);
	/* Their time has come: they are not asked again. */
	server_sql("UPDATE jobs SET due_at = now()");
	step(q);
	step(q);
	assert_int_equal(starts, 6);
}

static void the_jobs_of_a_back_end_that_is_not_set_up_wait_until_they_expire(void **state)
{
	struct queue *q = *state;

	q->backends = none;
	add(q, &obeying, "d");
	step(q);
	assert_int_equal(server_sql("SELECT count(*) FROM jobs WHERE attempts = 0"), 1);
	server_sql("UPDATE jobs SET expires_at = now()");
	q->expire_ms = 0;
	step(q);
	assert_int_equal(server_sql("SELECT count(*) FROM jobs WHERE ended_at IS NOT NULL AND"
				    " failure = 'It expired before it was tried.'"),
		1);
	assert_int_equal(starts, 0);
}

static void a_payload_that_no_key_opens_is_given_up(void **state)
{
	struct queue *q = *state;

	add(q, &obeying, "d");
	server_sql("UPDATE jobs SET payload_sealed = '\\x010fff00'");
	step(q);
	assert_int_equal(starts, 0);
	assert_int_equal(server_sql("SELECT count(*) FROM jobs WHERE ended_at IS NOT NULL AND"
				    " failure LIKE 'No key%'"),
		1);
}

static void what_runs_at_the_end_of_the_program_is_free_at_once(void **state)
{
	struct queue *q = *state;
	struct queue other = queue_on(server_pg(service_job_stmts, 0));

	add(&other, &hanging, "d");
	step(&other);
	assert_true(queue_stop(&other));
	close_queue(&other);
	assert_int_equal(server_sql("SELECT count(*) FROM jobs WHERE attempts = 0 AND NOT running"
				    " AND due_at <= now()"),
		1);
	assert_int_equal(held_count, 1);
	step(q);
	assert_int_equal(held_count, 2);
}

static void two_processes_share_the_jobs_and_each_is_done_once(void **state)
{
	struct queue *q = *state;
	struct queue other = queue_on(server_pg(service_job_stmts, 0));

	for (int i = 0; i < 60; i++)
		add(q, &obeying, i % 2 ? "a" : "b");
	for (int i = 0; i < 60; i++) {
		step(q);
		step(&other);
	}
	assert_int_equal(starts, 60);
	assert_int_equal(server_sql("SELECT count(*) FROM jobs"), 0);
	assert_true(other.kinds[0].done > 0 && q->kinds[0].done > 0);
	close_queue(&other);
}

static void the_figures_tell_jobs_by_kind(void **state)
{
	struct queue *q = *state;
	struct job_standing standing[QUEUE_KINDS_MAX];
	size_t n;

	add(q, &obeying, "d");
	step(q);
	add(q, &hanging, "d");
	assert_string_equal(q->kinds[0].name, "obeying.note");
	assert_int_equal(q->kinds[0].done, 1);
	assert_int_equal(queue_standing(q, standing, &n), ERR_OK);
	assert_int_equal(n, 1);
	assert_string_equal(standing[0].kind, "hanging.note");
	assert_int_equal(standing[0].waiting, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_job_that_is_done_is_gone_and_its_payload_was_opened, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_an_account_that_is_gone_has_left_is_not_done, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_job_that_failed_is_tried_again_later_with_the_same_mark, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_peer_that_names_a_time_is_not_asked_before, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_job_is_dead_when_it_is_given_up_or_was_tried_often_enough, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_dead_job_is_tried_again_when_an_operator_says_so_and_an_expired_one_never,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_an_attempt_would_outlive_is_dead_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_job_of_a_worker_that_crashed_is_free_when_its_claim_is_over, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_claim_is_renewed_while_the_attempt_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_end_of_an_attempt_whose_claim_was_lost_changes_nothing, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_back_end_that_hangs_holds_up_no_other_and_a_space_no_other_space, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			beyond_its_rate_a_space_waits_and_others_do_not, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_jobs_of_a_back_end_that_is_not_set_up_wait_until_they_expire, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_payload_that_no_key_opens_is_given_up, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_runs_at_the_end_of_the_program_is_free_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			two_processes_share_the_jobs_and_each_is_done_once, setup, teardown),
		cmocka_unit_test_setup_teardown(the_figures_tell_jobs_by_kind, setup, teardown),
	};

	return cmocka_run_group_tests(tests, migrate, NULL);
}
