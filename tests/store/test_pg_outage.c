#include "live.h"

#include <signal.h>

#include "base/clock.h"

static const struct stmt stmts[] = {
	{
		.name = "add",
		.params = { PG_INT },
		.sql = "INSERT INTO thing (id) VALUES ($1)",
	},
	{ 0 },
};

static int setup(void **state)
{
	server_sql("CREATE TABLE IF NOT EXISTS thing (id bigint)");
	server_sql("TRUNCATE thing");
	return open_fixture(state, stmts, 300);
}

static enum err add(struct fixture *f, int64_t id)
{
	return pg_run(f->pg, &stmts[0], NULL, PG_VALUES(pg_int(id)));
}

/* Asks until the back-off lets it through. */
static enum err add_until_answered(struct fixture *f, int64_t id)
{
	int64_t end = clock_ms() + 5000;
	enum err e;

	do
		e = add(f, id);
	while (e == ERR_UNAVAILABLE && clock_ms() < end);
	return e;
}

static void terminate(pid_t pid)
{
	char sql[120];

	snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d, 5000)", (int)pid);
	server_sql(sql);
}

static void a_stopped_server_is_unavailable_and_the_same_pg_works_when_it_is_back(void **state)
{
	struct fixture *f = *state;

	server_stop();
	for (int i = 0; i < 5; i++)
		assert_int_equal(add(f, 1), ERR_UNAVAILABLE);
	server_start();
	assert_int_equal(add_until_answered(f, 1), ERR_OK);
	assert_int_equal(server_sql("SELECT count(*) FROM thing"), 1);
}

static void a_restart_between_two_requests_goes_unnoticed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(add(f, 1), ERR_OK);
	server_stop();
	server_start();
	assert_int_equal(add(f, 2), ERR_OK);
}

static void a_connection_ended_while_idle_is_replaced_before_use(void **state)
{
	struct fixture *f = *state;
	pid_t before = backend(f);

	terminate(before);
	assert_int_not_equal(backend(f), before);
}

static void a_silent_server_is_unavailable_after_the_time_out(void **state)
{
	struct fixture *f = *state;
	pid_t pid = backend(f);

	kill(pid, SIGSTOP);
	assert_int_equal(add(f, 1), ERR_UNAVAILABLE);
	kill(pid, SIGCONT);
	assert_int_equal(add_until_answered(f, 2), ERR_OK);
}

/* The postmaster accepts nothing while stopped: the kernel's queue takes the connection. */
static void a_server_that_never_greets_is_unavailable(void **state)
{
	struct fixture *f = *state;
	pid_t postmaster = (pid_t)server_sql("SELECT split_part(pg_read_file('postmaster.pid'),"
					     " E'\n', 1)");

	pg_disconnect(f->pg);
	kill(postmaster, SIGSTOP);
	assert_int_equal(add(f, 1), ERR_UNAVAILABLE);
	kill(postmaster, SIGCONT);
	assert_int_equal(add_until_answered(f, 1), ERR_OK);
}

static void a_connection_lost_inside_a_transaction_runs_nothing_more_of_it(void **state)
{
	struct fixture *f = *state;
	pid_t pid = backend(f);

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	assert_int_equal(add(f, 1), ERR_OK);
	terminate(pid);
	assert_int_equal(add(f, 2), ERR_UNAVAILABLE);
	assert_int_equal(add(f, 3), ERR_UNAVAILABLE);
	assert_int_equal(pg_commit(f->pg), ERR_UNAVAILABLE);
	assert_int_equal(server_sql("SELECT count(*) FROM thing"), 0);
	assert_int_equal(add_until_answered(f, 4), ERR_OK);
	assert_int_equal(server_sql("SELECT count(*) FROM thing"), 1);
}

static void a_commit_without_an_answer_is_not_ok_and_not_repeated(void **state)
{
	struct fixture *f = *state;
	pid_t pid = backend(f);

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	assert_int_equal(add(f, 1), ERR_OK);
	terminate(pid);
	assert_int_equal(pg_commit(f->pg), ERR_UNAVAILABLE);
	assert_int_equal(pg_begin(f->pg), ERR_OK);
	pg_rollback(f->pg);
	assert_int_equal(server_sql("SELECT count(*) FROM thing"), 0);
}

static void a_roll_back_after_the_loss_makes_it_usable(void **state)
{
	struct fixture *f = *state;
	pid_t pid = backend(f);

	assert_int_equal(pg_begin(f->pg), ERR_OK);
	assert_int_equal(add(f, 1), ERR_OK);
	terminate(pid);
	assert_int_equal(add(f, 2), ERR_UNAVAILABLE);
	pg_rollback(f->pg);
	assert_int_equal(pg_begin(f->pg), ERR_OK);
	assert_int_equal(add_until_answered(f, 3), ERR_OK);
	assert_int_equal(pg_commit(f->pg), ERR_OK);
	assert_int_equal(server_sql("SELECT sum(id) FROM thing"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		FRESH(a_stopped_server_is_unavailable_and_the_same_pg_works_when_it_is_back),
		FRESH(a_restart_between_two_requests_goes_unnoticed),
		FRESH(a_connection_ended_while_idle_is_replaced_before_use),
		FRESH(a_silent_server_is_unavailable_after_the_time_out),
		FRESH(a_server_that_never_greets_is_unavailable),
		FRESH(a_connection_lost_inside_a_transaction_runs_nothing_more_of_it),
		FRESH(a_commit_without_an_answer_is_not_ok_and_not_repeated),
		FRESH(a_roll_back_after_the_loss_makes_it_usable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
