#include "daemon/unix_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit.h"

static char dir[] = "/tmp/unix-call-XXXXXX";
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static struct buf answer;

static int make_place(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/s", dir);
	return 0;
}

static int remove_place(void **state)
{
	(void)state;
	return rmdir(dir);
}

static int setup(void **state)
{
	(void)state;
	buf_init(&answer, 16);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_finish(&answer);
	unlink(address.sun_path);
	return 0;
}

/* A process that answers one caller, if it asks the right thing. */
static pid_t serve(const char *wanted, const char *text)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t pid;

	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	pid = fork();
	if (pid == 0) {
		char line[64] = "";
		int caller = accept(fd, NULL, NULL);
		ssize_t n = read(caller, line, sizeof(line) - 1);
		bool ok = n > 0 && strcmp(line, wanted) == 0 &&
			  write(caller, text, strlen(text)) == (ssize_t)strlen(text);

		_exit(ok ? 0 : 1);
	}
	close(fd);
	return pid;
}

static void assert_served(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void the_line_is_handed_over_and_the_whole_answer_returned(void **state)
{
	pid_t server = serve("drain 5\n", "ok\nand more\n");

	(void)state;
	assert_int_equal(unix_call_make(address.sun_path, "drain 5\n", &answer), ERR_OK);
	assert_str_equal(buf_str(&answer), "ok\nand more\n");
	assert_served(server);
}

static void an_answer_beyond_the_ceiling_is_none(void **state)
{
	pid_t server = serve("status\n", "far more than was expected\n");

	(void)state;
	assert_int_equal(unix_call_make(address.sun_path, "status\n", &answer), ERR_PROTOCOL);
	assert_served(server);
}

static void nobody_there_is_unavailable(void **state)
{
	char far[200] = "/tmp/";

	(void)state;
	assert_int_equal(unix_call_make(address.sun_path, "x\n", &answer), ERR_UNAVAILABLE);
	memset(far + 5, 'x', sizeof(far) - 6);
	assert_int_equal(unix_call_make(far, "x\n", &answer), ERR_UNAVAILABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_line_is_handed_over_and_the_whole_answer_returned, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_answer_beyond_the_ceiling_is_none, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_there_is_unavailable, setup, teardown),
	};

	return cmocka_run_group_tests(tests, make_place, remove_place);
}
