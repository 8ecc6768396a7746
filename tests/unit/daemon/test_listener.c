#define _GNU_SOURCE
#include "daemon/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit.h"

static char dir[32], path[48];

static int make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/listener.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/sock", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static int connect_to_path(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

static void socket_has_its_mode_and_is_removed_at_the_end(void **state)
{
	struct listener l;
	struct stat st;
	int client, server;

	(void)state;
	assert_int_equal(listener_init(&l, path, 0620), ERR_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0620);
	assert_int_equal(accept(l.at.fd, NULL, NULL), -1);
	assert_int_equal(errno, EAGAIN);
	client = connect_to_path();
	server = accept(l.at.fd, NULL, NULL);
	assert_true(client >= 0 && server >= 0);
	close(client);
	close(server);
	listener_finish(&l);
	assert_int_equal(l.at.fd, -1);
	assert_int_equal(access(path, F_OK), -1);
}

static void socket_left_behind_is_replaced(void **state)
{
	struct listener first, second;
	int client;

	(void)state;
	assert_int_equal(listener_init(&first, path, 0600), ERR_OK);
	close(first.at.fd);
	first.at.fd = -1;
	assert_int_equal(listener_init(&second, path, 0600), ERR_OK);
	client = connect_to_path();
	assert_true(client >= 0);
	close(client);
	/* The file is no longer the one the first made. */
	listener_finish(&first);
	assert_int_equal(access(path, F_OK), 0);
	listener_finish(&second);
}

/* Tries to listen where something is in the way. Returns what was logged. */
static const char *refusal_of(enum err expected)
{
	static char said[512];
	struct listener l;
	int ends[2], former = dup(STDERR_FILENO);
	enum err e;
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	e = listener_init(&l, path, 0600);
	dup2(former, STDERR_FILENO);
	close(former);
	close(ends[1]);
	n = read(ends[0], said, sizeof(said) - 1);
	close(ends[0]);
	listener_finish(&l);
	assert_int_equal(e, expected);
	said[n > 0 ? n : 0] = '\0';
	return said;
}

static void socket_in_use_is_left_alone(void **state)
{
	struct listener first;
	int client;

	(void)state;
	assert_int_equal(listener_init(&first, path, 0600), ERR_OK);
	assert_non_null(strstr(refusal_of(ERR_CONFLICT), "another program listens there"));
	client = connect_to_path();
	assert_true(client >= 0);
	close(client);
	listener_finish(&first);
}

static void file_that_is_no_socket_is_left_alone(void **state)
{
	FILE *f = fopen(path, "w");

	(void)state;
	fputs("precious", f);
	fclose(f);
	assert_non_null(
		strstr(refusal_of(ERR_CONFLICT), "a file that is no socket is in its place"));
	assert_int_equal(access(path, F_OK), 0);
}

static void bad_paths_are_refused(void **state)
{
	struct listener l;
	char longest[200];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(listener_init(&l, longest, 0600), ERR_INVALID);
	assert_int_equal(listener_init(&l, "/nowhere/at/all", 0600), ERR_UNAVAILABLE);
}

/* Runs init in a child whose descriptor `at` is a listening socket; its exit status is the answer. */
static int inherit_at(int at, const char *listen_fds)
{
	struct listener made, l;
	int status;
	pid_t pid;

	assert_int_equal(listener_init(&made, path, 0600), ERR_OK);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		char self[16];

		if (made.at.fd != at)
			dup2(made.at.fd, at);
		if (listen_fds && strcmp(listen_fds, "3") != 0)
			dup2(made.at.fd, at + 1);
		snprintf(self, sizeof(self), "%d", (int)getpid());
		if (listen_fds) {
			setenv("LISTEN_PID", self, 1);
			setenv("LISTEN_FDS", listen_fds, 1);
		}
		enum err e = listener_init(&l, "/nowhere/at/all", 0600);
		int works = e == ERR_OK && accept(l.at.fd, NULL, NULL) < 0 && errno == EAGAIN &&
			    (fcntl(l.at.fd, F_GETFD) & FD_CLOEXEC) && !*l.at.path &&
			    !getenv("LISTEN_FDS") &&
			    l.other_count == (listen_fds && *listen_fds == '2') &&
			    (!l.other_count || l.others[0] == at + 1);

		_exit(works ? 100 : (int)e);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	listener_finish(&made);
	return WEXITSTATUS(status);
}

static void inherited_socket_is_used(void **state)
{
	(void)state;
	assert_int_equal(inherit_at(0, NULL), 100);
	assert_int_equal(inherit_at(3, "1"), 100);
	assert_int_equal(inherit_at(3, "2"), 100);
	assert_int_equal(inherit_at(3, "3"), ERR_INVALID);
	assert_int_equal(inherit_at(3, "9"), ERR_INVALID);
	assert_int_equal(inherit_at(3, "0"), ERR_INVALID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(socket_has_its_mode_and_is_removed_at_the_end),
		TEST(socket_left_behind_is_replaced),
		TEST(socket_in_use_is_left_alone),
		TEST(file_that_is_no_socket_is_left_alone),
		TEST(bad_paths_are_refused),
		TEST(inherited_socket_is_used),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
