#define _GNU_SOURCE
#include "daemon/figures_server.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../unit.h"

#define HANG_MS 20000 /* a test that waits this long has failed */
#define TURNS   10

static char dir[32], path[48];
static struct figures_sockets sockets;
static struct figures_server *server;

static void put(void *arg, bool open_metrics, struct buf *out)
{
	(void)arg;
	(void)open_metrics;
	buf_add_str(out, "one\t\t1\n");
}

static const char *ready(void *arg)
{
	(void)arg;
	return NULL;
}

static int begin(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/figures.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/socket", dir);
	if (figures_sockets_open(&sockets, path, "") != ERR_OK)
		return -1;
	server = figures_server_new(&(struct figures_source){ put, ready, NULL }, &sockets);
	return 0;
}

static int end(void **state)
{
	(void)state;
	figures_server_free(&server);
	figures_sockets_close(&sockets);
	return rmdir(dir);
}

static int call(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(send(fd, "status\n", 7, MSG_NOSIGNAL), 7);
	return fd;
}

static bool is_awake(int wait_ms)
{
	struct pollfd p = { .fd = figures_server_fd(server), .events = POLLIN };

	return poll(&p, 1, wait_ms) > 0;
}

/* Returns the former limit. */
static struct rlimit leave_no_descriptor(void)
{
	struct rlimit former, none;
	int next = dup(STDIN_FILENO);

	close(next);
	getrlimit(RLIMIT_NOFILE, &former);
	none = (struct rlimit){ (rlim_t)next, former.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	return former;
}

static void assert_answered(int fd)
{
	char said[16] = "";
	ssize_t n = -1;

	while (n < 0) {
		assert_true(is_awake(HANG_MS));
		figures_server_run(server);
		n = recv(fd, said, sizeof(said) - 1, MSG_DONTWAIT);
	}
	assert_string_equal(said, "one\t\t1\n");
}

static void caller_is_answered(void **state)
{
	int fd = call();

	(void)state;
	assert_answered(fd);
	close(fd);
}

static void who_cannot_be_accepted_does_not_keep_the_program_awake(void **state)
{
	int fd = call(), turns = 0;
	struct rlimit former = leave_no_descriptor();

	(void)state;
	for (; turns < TURNS && is_awake(0); turns++)
		figures_server_run(server);
	setrlimit(RLIMIT_NOFILE, &former);
	assert_in_range(turns, 1, TURNS - 1);
	assert_answered(fd);
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(caller_is_answered),
		TEST(who_cannot_be_accepted_does_not_keep_the_program_awake),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
