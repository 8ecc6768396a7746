/* Real processes that call themselves ours. */
#define _GNU_SOURCE
#include "../../../../src/ctl/doctor/process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../arena.h"
#include "../../unit.h"
#include "conf/conf.h"

#define STRANGER 65534

/* Lives until it is killed. */
static pid_t begin(const char *program, uid_t uid)
{
	int ends[2];
	char word;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (setresuid(uid, uid, uid) || prctl(PR_SET_NAME, program) ||
			write(ends[1], "+", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ends[0], &word, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static const struct process *find(const struct process_list *list, pid_t pid)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].pid == pid)
			return &list->items[i];
	return NULL;
}

static void name_alone_makes_a_process_ours_only_of_a_user_of_ours(void **state)
{
	pid_t own, other;
	struct process_list list;

	(void)state;
	if (geteuid() != 0)
		skip(); /* no other user can be taken the place of */
	own = begin("dialtone-relay", 0);
	other = begin("dialtone-relay", STRANGER);
	list = processes_read(CONF_DEFAULT_FILE, 0, arena);
	assert_non_null(find(&list, own));
	assert_null(find(&list, other));
	list = processes_read(CONF_DEFAULT_FILE, STRANGER, arena);
	assert_non_null(find(&list, other));
	end(own);
	end(other);
}

static void nginx_may_be_of_any_user(void **state)
{
	pid_t worker;
	struct process_list list;

	(void)state;
	if (geteuid() != 0)
		skip();
	worker = begin("nginx", STRANGER);
	list = processes_read(CONF_DEFAULT_FILE, 0, arena);
	assert_non_null(find(&list, worker));
	end(worker);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void stopped_process_is_told_from_one_that_waits(void **state)
{
	pid_t pid = begin("dialtone-api) R 1", geteuid());

	(void)state;
	assert_false(process_is_stopped(pid));
	kill(pid, SIGSTOP);
	waitpid(pid, NULL, WUNTRACED);
	assert_true(process_is_stopped(pid));
	end(pid);
	assert_false(process_is_stopped(pid));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(name_alone_makes_a_process_ours_only_of_a_user_of_ours),
		TEST(nginx_may_be_of_any_user),
		TEST(stopped_process_is_told_from_one_that_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
