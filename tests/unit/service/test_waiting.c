#include "service/waiting.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit.h"
#include "base/clock.h"
#include "service/limit.h"
#include "service/refusal.h"

/* Locks are those of a process, so each waits in one of its own, until it is told to go. */
struct waiter {
	pid_t pid;
	int inside, go; /* ends of pipes: read, write */
};

struct pipes {
	int inside[2], go[2];
};

static enum err wait_inside(struct service *s, void *arg, int64_t until_ms)
{
	struct pipes *p = arg;
	char byte = 'i';

	(void)s, (void)until_ms;
	if (write(p->inside[1], &byte, 1) != 1 || read(p->go[0], &byte, 1) < 0)
		return ERR_INTERNAL;
	return ERR_OK;
}

static enum err answer(struct service *s, void *arg, int64_t until_ms)
{
	(void)s;
	*(int64_t *)arg = until_ms;
	return ERR_CONFLICT;
}

static struct service with_room(int64_t workers)
{
	struct service s = { .limits = limits_new(limit_counts_new()) };
	int file;

	assert_int_equal(waiting_room_make(&file), ERR_OK);
	s.waiting = waiting_room_of(file, workers);
	return s;
}

static struct waiter enter(struct service *s)
{
	struct pipes p;
	struct waiter w;
	char byte;

	assert_int_equal(pipe(p.inside), 0);
	assert_int_equal(pipe(p.go), 0);
	w.pid = fork();
	if (w.pid == 0) {
		close(p.go[1]);
		_exit(waiting_for(s, wait_inside, &p) == ERR_OK ? 0 : 1);
	}
	close(p.inside[1]);
	close(p.go[0]);
	assert_int_equal(read(p.inside[0], &byte, 1), 1);
	w.inside = p.inside[0];
	w.go = p.go[1];
	return w;
}

static void leave(struct waiter w, int signal_number)
{
	if (signal_number)
		kill(w.pid, signal_number);
	else
		assert_int_equal(write(w.go, "g", 1), 1);
	close(w.go);
	waitpid(w.pid, NULL, 0);
	close(w.inside);
}

static enum err ask(struct service *s)
{
	int64_t until;

	return waiting_for(s, answer, &until);
}

static void a_quarter_of_the_workers_may_wait(void **state)
{
	struct service s = with_room(11);
	struct waiter first = enter(&s), second = enter(&s);

	(void)state;
	assert_true(refused_as(&s, ask(&s), &waiting_full));
	assert_int_equal(s.retry_after_s, 1);
	leave(first, 0);
	assert_int_equal(ask(&s), ERR_CONFLICT);
	leave(second, 0);
	limits_free(&s.limits);
}

static void one_may_where_there_are_few(void **state)
{
	struct service s = with_room(1);
	struct waiter only = enter(&s);

	(void)state;
	assert_true(refused_as(&s, ask(&s), &waiting_full));
	leave(only, 0);
	assert_int_equal(ask(&s), ERR_CONFLICT);
	limits_free(&s.limits);
}

static void who_dies_in_there_leaves_a_place(void **state)
{
	struct service s = with_room(4);

	(void)state;
	leave(enter(&s), SIGKILL);
	leave(enter(&s), 0);
	limits_free(&s.limits);
}

static void the_end_is_told_beforehand(void **state)
{
	struct service s = with_room(4);
	int64_t until, before = clock_ms();

	(void)state;
	assert_int_equal(waiting_for(&s, answer, &until), ERR_CONFLICT);
	assert_true(until >= before + WAITING_MAX_MS && until <= clock_ms() + WAITING_MAX_MS);
	limits_free(&s.limits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quarter_of_the_workers_may_wait),
		cmocka_unit_test(one_may_where_there_are_few),
		cmocka_unit_test(who_dies_in_there_leaves_a_place),
		cmocka_unit_test(the_end_is_told_beforehand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
