#define _GNU_SOURCE
#include "daemon/readiness.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../unit.h"

static char dir[32], path[48];

static int make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/readiness.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/notify", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static int listen_at(const char *name, size_t n)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path, name, n);
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
				 (socklen_t)(sizeof(address) - sizeof(address.sun_path) + n)),
		0);
	return fd;
}

static void assert_heard(int fd)
{
	char said[32] = "";

	assert_int_equal(recv(fd, said, sizeof(said) - 1, 0), 7);
	assert_string_equal(said, "READY=1");
	close(fd);
}

static void readiness_is_heard_once(void **state)
{
	int fd = listen_at(path, strlen(path));
	char said[32];

	(void)state;
	setenv("NOTIFY_SOCKET", path, 1);
	readiness_tell();
	readiness_tell();
	assert_int_equal(recv(fd, said, sizeof(said), MSG_PEEK), 7);
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_heard(fd);
}

static void socket_may_have_no_file(void **state)
{
	char name[64] = "";
	int fd;

	(void)state;
	snprintf(name + 1, sizeof(name) - 1, "%s", path);
	fd = listen_at(name, 1 + strlen(path));
	name[0] = '@';
	setenv("NOTIFY_SOCKET", name, 1);
	readiness_tell();
	assert_heard(fd);
}

static void without_systemd_nothing_happens(void **state)
{
	static const char *const elsewhere[] = { "", "@", "relative", "/nowhere/at/all" };

	(void)state;
	readiness_tell();
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
		setenv("NOTIFY_SOCKET", elsewhere[i], 1);
		readiness_tell();
	}
	unsetenv("NOTIFY_SOCKET");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(readiness_is_heard_once),
		TEST(socket_may_have_no_file),
		TEST(without_systemd_nothing_happens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
