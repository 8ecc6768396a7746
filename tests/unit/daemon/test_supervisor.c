/*
 * Real supervisors with real workers.  The workers write a record into a pipe for each thing they
 * do, the tests read them: nothing here waits for time to pass.
 */
#define _GNU_SOURCE
#include "daemon/supervisor.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit.h"
#include "base/clock.h"
#include "base/counter.h"
#include "daemon/listener.h"

#define HANG_MS 20000 /* a test that waits this long has failed */

enum what { STARTED, ENDED, RELOADED, HUNG };

struct record {
	enum what what;
	pid_t pid;
	int64_t ms;
};

struct story {
	struct supervisor_settings settings;
	pid_t supervisor;
	int tell, hear;
	int workers_after_reload; /* 0: reload fails */
	int (*run_after_reload)(void *, size_t, int);
	bool *all_hang; /* shared with the supervisor */
	struct listener listener;
	char dir[32], path[48];
};

static void tell(const struct story *t, enum what what)
{
	struct record r = { .what = what, .pid = getpid(), .ms = clock_ms() };

	if (write(t->tell, &r, sizeof(r)) != sizeof(r))
		abort();
}

static struct record hear(const struct story *t, enum what expected)
{
	struct pollfd fd = { .fd = t->hear, .events = POLLIN };
	struct record r = { 0 };

	assert_int_equal(poll(&fd, 1, HANG_MS), 1);
	assert_int_equal(read(t->hear, &r, sizeof(r)), sizeof(r));
	assert_int_equal(r.what, expected);
	return r;
}

static bool is_quiet(const struct story *t)
{
	struct pollfd fd = { .fd = t->hear, .events = POLLIN };

	return poll(&fd, 1, 0) == 0;
}

static void block_sigterm(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGTERM);
	sigprocmask(SIG_BLOCK, ret, NULL);
}

static int until_sigterm(void *arg, size_t place, int ready_fd)
{
	(void)place;
	struct story *t = arg;
	sigset_t term;

	block_sigterm(&term);
	tell(t, STARTED);
	worker_is_ready(ready_fd);
	sigwaitinfo(&term, NULL);
	tell(t, ENDED);
	return 0;
}

static int crash_at_once(void *arg, size_t place, int ready_fd)
{
	(void)place;
	(void)ready_fd;
	tell(arg, STARTED);
	return 1;
}

static int never_ready(void *arg, size_t place, int ready_fd)
{
	(void)place;
	sigset_t term;

	(void)ready_fd;
	block_sigterm(&term);
	tell(arg, STARTED);
	sigwaitinfo(&term, NULL);
	tell(arg, ENDED);
	return 0;
}

static int deaf(void *arg, size_t place, int ready_fd)
{
	(void)place;
	sigset_t term;

	block_sigterm(&term);
	tell(arg, STARTED);
	worker_is_ready(ready_fd);
	for (;;)
		pause();
	return 0;
}

static int deaf_beside(void *arg)
{
	sigset_t term;

	block_sigterm(&term);
	alarm(2 * HANG_MS / 1000);
	tell(arg, STARTED);
	for (;;)
		pause();
	return 0;
}

static volatile sig_atomic_t asked_to_end;

static void on_sigterm(int signal)
{
	(void)signal;
	asked_to_end = 1;
}

/* Answers each connection with its process id; SIGTERM comes only between two of them. */
static int answer(void *arg, size_t place, int ready_fd)
{
	(void)place;
	struct story *t = arg;
	struct pollfd fd = { .fd = t->listener.at.fd, .events = POLLIN };
	const struct sigaction action = { .sa_handler = on_sigterm };
	sigset_t term, none;
	pid_t self = getpid();

	block_sigterm(&term);
	sigemptyset(&none);
	sigaction(SIGTERM, &action, NULL);
	tell(t, STARTED);
	worker_is_ready(ready_fd);
	while (!asked_to_end) {
		int client = accept(t->listener.at.fd, NULL, NULL);

		if (client < 0) {
			ppoll(&fd, 1, NULL, &none);
			continue;
		}
		if (write(client, &self, sizeof(self)) < 0)
			abort();
		close(client);
	}
	tell(t, ENDED);
	return 0;
}

static enum err on_reload(void *arg, int *workers)
{
	struct story *t = arg;

	tell(t, RELOADED);
	if (t->workers_after_reload == 0)
		return ERR_INVALID;
	*workers = t->workers_after_reload;
	if (t->run_after_reload)
		t->settings.run = t->run_after_reload;
	return ERR_OK;
}

/* No time passes here: those that do not hang have made a step whenever they are looked at. */
static uint64_t steps_of_all(void *arg, size_t place)
{
	static uint64_t steps;

	(void)place;
	return __atomic_load_n(((struct story *)arg)->all_hang, __ATOMIC_SEQ_CST) ? steps : steps++;
}

static uint64_t steps_of_all_but_the_first(void *arg, size_t place)
{
	static uint64_t steps;

	(void)arg;
	return place == 0 ? 7 : steps++;
}

static int64_t no_patience(void *arg)
{
	(void)arg;
	return 0;
}

static void tell_hung(void *arg, size_t place, pid_t pid, int64_t silent_ms)
{
	const struct story *t = arg;
	struct record r = { .what = HUNG, .pid = pid, .ms = silent_ms };

	(void)place;
	if (write(t->tell, &r, sizeof(r)) != sizeof(r))
		abort();
}

static int stopped_in_place_0(void *arg, size_t place, int ready_fd)
{
	if (place != 0)
		return until_sigterm(arg, place, ready_fd);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* no other signal would end it after a test that fails */
	tell(arg, STARTED);
	worker_is_ready(ready_fd);
	raise(SIGSTOP);
	return 0;
}

static int run_current(void *arg, size_t place, int ready_fd)
{
	struct story *t = arg;

	return t->settings.run(t, place, ready_fd);
}

static int open_story(void **state)
{
	struct story *t = *state = test_calloc(1, sizeof(*t));
	int pipes[2];

	strcpy(t->dir, "/tmp/supervisor.XXXXXX");
	if (!mkdtemp(t->dir) || pipe(pipes) < 0)
		return -1;
	snprintf(t->path, sizeof(t->path), "%s/file", t->dir);
	t->hear = pipes[0];
	t->tell = pipes[1];
	t->listener = (struct listener){ .at = LISTENING_NONE };
	t->settings = (struct supervisor_settings){ .workers = 2, .run = until_sigterm };
	t->all_hang = mmap(NULL, sizeof(*t->all_hang), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return t->all_hang == MAP_FAILED ? -1 : 0;
}

static int close_story(void **state)
{
	struct story *t = *state;

	if (t->supervisor) {
		kill(t->supervisor, SIGKILL);
		waitpid(t->supervisor, NULL, 0);
	}
	listener_finish(&t->listener);
	close(t->hear);
	if (t->tell >= 0)
		close(t->tell);
	unlink(t->path);
	rmdir(t->dir);
	munmap(t->all_hang, sizeof(*t->all_hang));
	test_free(t);
	return 0;
}

static void begin(struct story *t)
{
	struct supervisor_settings settings = t->settings;

	settings.run = run_current;
	settings.reload = on_reload;
	settings.arg = t;
	fflush(NULL);
	t->supervisor = fork();
	if (t->supervisor == 0) {
		close(t->hear);
		_exit(supervisor_run(&settings) == ERR_OK ? 0 : 1);
	}
	close(t->tell);
	t->tell = -1;
}

/* All workers and the supervisor are gone when the pipe has no writer left. */
static void assert_all_gone(struct story *t)
{
	struct pollfd fd = { .fd = t->hear, .events = POLLIN };
	char byte;

	assert_int_equal(poll(&fd, 1, HANG_MS), 1);
	assert_int_equal(read(t->hear, &byte, 1), 0);
}

static void assert_supervisor_ends(struct story *t)
{
	int status;

	assert_int_equal(waitpid(t->supervisor, &status, 0), t->supervisor);
	t->supervisor = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void assert_ends_well(struct story *t, int workers)
{
	kill(t->supervisor, SIGTERM);
	for (int i = 0; i < workers; i++)
		hear(t, ENDED);
	assert_supervisor_ends(t);
	assert_all_gone(t);
}

static void killed_worker_is_replaced(void **state)
{
	struct story *t = *state;
	struct record one, two, three;

	begin(t);
	one = hear(t, STARTED);
	two = hear(t, STARTED);
	assert_int_equal(kill(one.pid, SIGKILL), 0);
	three = hear(t, STARTED);
	assert_int_not_equal(three.pid, one.pid);
	assert_int_not_equal(three.pid, two.pid);
	assert_int_equal(kill(two.pid, 0), 0);
	assert_ends_well(t, 2);
}

static void crash_loop_is_slowed_down_more_and_more(void **state)
{
	struct story *t = *state;
	int64_t last = 0;

	t->settings.workers = 1;
	t->settings.run = crash_at_once;
	begin(t);
	for (int64_t delay = 0; delay <= 400; delay = delay ? delay * 2 : 100) {
		struct record r = hear(t, STARTED);

		if (delay)
			assert_true(r.ms - last >= delay);
		last = r.ms;
	}
	kill(t->supervisor, SIGTERM);
	assert_supervisor_ends(t);
}

static int ask(const struct story *t, pid_t *ret_pid)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), ok;

	strcpy(address.sun_path, t->path);
	ok = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	     read(fd, ret_pid, sizeof(*ret_pid)) == sizeof(*ret_pid);
	close(fd);
	return ok;
}

static void reload_replaces_all_while_the_socket_is_served(void **state)
{
	struct story *t = *state;
	struct record old[2], fresh[2];
	pid_t answered = 0;

	t->settings.run = answer;
	t->workers_after_reload = 2;
	assert_int_equal(listener_init(&t->listener, t->path, 0600), ERR_OK);
	begin(t);
	old[0] = hear(t, STARTED);
	old[1] = hear(t, STARTED);
	kill(t->supervisor, SIGHUP);
	for (int served = 0; is_quiet(t) || served == 0; served++)
		assert_true(ask(t, &answered));
	hear(t, RELOADED);
	for (int i = 0; i < 2; i++) {
		fresh[i] = hear(t, STARTED);
		while (is_quiet(t))
			assert_true(ask(t, &answered));
		pid_t ended = hear(t, ENDED).pid;

		assert_true(ended == old[0].pid || ended == old[1].pid);
	}
	assert_int_not_equal(fresh[0].pid, fresh[1].pid);
	assert_true(ask(t, &answered));
	assert_true(answered == fresh[0].pid || answered == fresh[1].pid);
	assert_ends_well(t, 2);
}

static void number_of_workers_follows_a_reload(void **state)
{
	struct story *t = *state;

	t->settings.workers = 1;
	t->workers_after_reload = 3;
	begin(t);
	hear(t, STARTED);
	kill(t->supervisor, SIGHUP);
	hear(t, RELOADED);
	for (int i = 0; i < 3; i++)
		hear(t, STARTED);
	hear(t, ENDED);
	assert_ends_well(t, 3);
}

static void fewer_workers_after_a_reload(void **state)
{
	struct story *t = *state;

	t->settings.workers = 3;
	t->workers_after_reload = 1;
	begin(t);
	for (int i = 0; i < 3; i++)
		hear(t, STARTED);
	kill(t->supervisor, SIGHUP);
	hear(t, RELOADED);
	hear(t, ENDED);
	hear(t, ENDED);
	hear(t, STARTED);
	hear(t, ENDED);
	assert_ends_well(t, 1);
}

static void reload_that_fails_changes_nothing(void **state)
{
	struct story *t = *state;

	begin(t);
	hear(t, STARTED);
	hear(t, STARTED);
	kill(t->supervisor, SIGHUP);
	hear(t, RELOADED);
	assert_ends_well(t, 2);
}

static void old_workers_stay_when_a_new_one_crashes(void **state)
{
	struct story *t = *state;
	struct record old[2];

	t->workers_after_reload = 2;
	t->run_after_reload = crash_at_once;
	begin(t);
	old[0] = hear(t, STARTED);
	old[1] = hear(t, STARTED);
	kill(t->supervisor, SIGHUP);
	hear(t, RELOADED);
	hear(t, STARTED);
	/* The next thing the supervisor does is to be asked again: no worker was ended meanwhile. */
	kill(t->supervisor, SIGHUP);
	hear(t, RELOADED);
	hear(t, STARTED);
	assert_int_equal(kill(old[0].pid, 0), 0);
	assert_int_equal(kill(old[1].pid, 0), 0);
	assert_ends_well(t, 2);
}

static void old_workers_stay_when_a_new_one_is_never_ready(void **state)
{
	struct story *t = *state;
	struct record old, fresh;

	t->settings.workers = 1;
	t->settings.ready_ms = 50;
	t->workers_after_reload = 1;
	t->run_after_reload = never_ready;
	begin(t);
	old = hear(t, STARTED);
	kill(t->supervisor, SIGHUP);
	hear(t, RELOADED);
	fresh = hear(t, STARTED);
	assert_int_equal(hear(t, ENDED).pid, fresh.pid);
	kill(t->supervisor, SIGTERM);
	assert_int_equal(hear(t, ENDED).pid, old.pid);
	assert_all_gone(t);
}

static void worker_that_does_not_end_is_killed(void **state)
{
	struct story *t = *state;

	t->settings.grace_ms = 20;
	t->settings.run = deaf;
	begin(t);
	hear(t, STARTED);
	hear(t, STARTED);
	assert_ends_well(t, 0);
}

static void stopped_worker_is_killed_and_replaced(void **state)
{
	struct story *t = *state;
	struct record first, second, hung;

	t->settings.run = stopped_in_place_0;
	t->settings.watch =
		(struct supervisor_watch){ steps_of_all_but_the_first, no_patience, tell_hung };
	begin(t);
	first = hear(t, STARTED);
	second = hear(t, STARTED);
	hung = hear(t, HUNG);
	assert_true(hung.pid == first.pid || hung.pid == second.pid);
	assert_true(hung.ms > 0);
	assert_int_not_equal(hear(t, STARTED).pid, hung.pid);
	assert_ends_well(t, 2);
}

static void worker_that_is_not_ready_is_not_watched(void **state)
{
	struct story *t = *state;
	struct record r;

	t->settings.workers = 1;
	t->settings.run = never_ready;
	t->settings.ready_ms = 3000;
	t->settings.watch = (struct supervisor_watch){ steps_of_all, no_patience, tell_hung };
	*t->all_hang = true;
	begin(t);
	r = hear(t, STARTED);
	assert_int_equal(hear(t, ENDED).pid, r.pid);
}

/* The end of a process is told to its tracer before its parent: to that it stays, as one does whose system call does not
 * return. */
static void keep_from_going_away(pid_t pid)
{
	assert_int_equal(ptrace(PTRACE_SEIZE, pid, NULL, NULL), 0);
}

static void let_go_away(pid_t pid)
{
	assert_int_equal(waitpid(pid, NULL, __WALL), pid);
}

static void hang_all(struct story *t, bool hang)
{
	__atomic_store_n(t->all_hang, hang, __ATOMIC_SEQ_CST);
}

static size_t workers_there(const struct supervisor_figures *f)
{
	size_t n = 0;

	for (size_t i = 0; i < SUPERVISOR_PLACES; i++)
		n += counter_read(&f->places[i].pid) != 0;
	return n;
}

static void killed_workers_that_do_not_go_away_are_replaced_once(void **state)
{
	struct story *t = *state;
	struct record first, second, third;
	struct supervisor_figures *figures = mmap(
		NULL, sizeof(*figures), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(figures, MAP_FAILED);
	t->settings.figures = figures;
	t->settings.workers = 1;
	t->settings.watch = (struct supervisor_watch){ steps_of_all, no_patience, tell_hung };
	begin(t);
	first = hear(t, STARTED);
	keep_from_going_away(first.pid);
	hang_all(t, true);
	assert_int_equal(hear(t, HUNG).pid, first.pid);
	hang_all(t, false);
	second = hear(t, STARTED);
	keep_from_going_away(second.pid);
	hang_all(t, true);
	assert_int_equal(hear(t, HUNG).pid, second.pid);
	hang_all(t, false);
	kill(t->supervisor, SIGHUP);
	hear(t, RELOADED); /* it has had its time to start a third one */
	assert_int_equal(workers_there(figures), 2);
	assert_int_equal(counter_read(&figures->hung), 2);
	let_go_away(first.pid);
	third = hear(t, STARTED);
	assert_int_not_equal(third.pid, second.pid);
	let_go_away(second.pid);
	assert_ends_well(t, 1);
	munmap(figures, sizeof(*figures));
}

static void process_beside_does_not_outlive_the_supervisor(void **state)
{
	struct story *t = *state;

	t->settings.beside = deaf_beside;
	begin(t);
	for (int i = 0; i < 3; i++)
		hear(t, STARTED);
	assert_ends_well(t, 2);
}

static void workers_end_when_the_supervisor_is_killed(void **state)
{
	struct story *t = *state;

	begin(t);
	hear(t, STARTED);
	hear(t, STARTED);
	kill(t->supervisor, SIGKILL);
	hear(t, ENDED);
	hear(t, ENDED);
	assert_all_gone(t);
}

static void keyboard_signals_are_the_supervisors_affair(void **state)
{
	struct story *t = *state;
	struct record r;

	t->settings.workers = 1;
	begin(t);
	r = hear(t, STARTED);
	kill(r.pid, SIGINT);
	kill(r.pid, SIGHUP);
	kill(t->supervisor, SIGINT);
	assert_int_equal(hear(t, ENDED).pid, r.pid);
	assert_supervisor_ends(t);
}

static void pid_file_names_the_supervisor_while_it_runs(void **state)
{
	struct story *t = *state;
	int pid = 0;
	FILE *f;

	t->settings.pid_file = t->path;
	begin(t);
	hear(t, STARTED);
	hear(t, STARTED);
	f = fopen(t->path, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &pid), 1);
	fclose(f);
	assert_int_equal(pid, t->supervisor);
	assert_int_equal(supervisor_run(&t->settings), ERR_CONFLICT);
	assert_ends_well(t, 2);
	assert_int_equal(access(t->path, F_OK), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_story, close_story)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(killed_worker_is_replaced),
		TEST(crash_loop_is_slowed_down_more_and_more),
		TEST(reload_replaces_all_while_the_socket_is_served),
		TEST(number_of_workers_follows_a_reload),
		TEST(fewer_workers_after_a_reload),
		TEST(reload_that_fails_changes_nothing),
		TEST(old_workers_stay_when_a_new_one_crashes),
		TEST(old_workers_stay_when_a_new_one_is_never_ready),
		TEST(worker_that_does_not_end_is_killed),
		TEST(stopped_worker_is_killed_and_replaced),
		TEST(worker_that_is_not_ready_is_not_watched),
		TEST(killed_workers_that_do_not_go_away_are_replaced_once),
		TEST(process_beside_does_not_outlive_the_supervisor),
		TEST(workers_end_when_the_supervisor_is_killed),
		TEST(keyboard_signals_are_the_supervisors_affair),
		TEST(pid_file_names_the_supervisor_while_it_runs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
