#define _GNU_SOURCE
#include "relay/net/acceptor.h"

#include <stdio.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "../../unit.h"

static int accepted;

static void on_accept(void *arg, int fd)
{
	(void)arg;
	accepted++;
	close(fd);
}

static void tcp_connections_are_handed_out(void **state)
{
	struct loop *loop = loop_new(clock_ms);
	struct acceptor *l = NULL;
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	accepted = 0;
	assert_int_equal(acceptor_new(loop, "127.0.0.1:0", on_accept, NULL, &l), ERR_OK);
	a.sin_port = htons((uint16_t)acceptor_port(l));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	loop_turn(loop, 1000);
	assert_int_equal(accepted, 1);
	close(fd);
	acceptor_free(&l);
	loop_free(&loop);
}

static void a_leftover_unix_socket_is_replaced_and_a_live_one_is_not(void **state)
{
	char dir[] = "/tmp/acceptorXXXXXX", path[64];
	struct loop *loop = loop_new(clock_ms);
	struct acceptor *l = NULL, *second = NULL;
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "unix:%s/s", dir);
	strcpy(a.sun_path, path + 5);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	close(fd);
	assert_int_equal(acceptor_new(loop, path, on_accept, NULL, &l), ERR_OK);
	assert_int_equal(acceptor_new(loop, path, on_accept, NULL, &second), ERR_CONFLICT);
	assert_null(second);
	acceptor_free(&l);
	assert_int_equal(access(path + 5, F_OK), -1);
	loop_free(&loop);
	rmdir(dir);
}

static void words_that_are_no_address_are_refused(void **state)
{
	static const char *const bad[] = { "", "localhost", "127.0.0.1", "127.0.0.1:65536",
		"127.0.0.1:x", "::1:80", "[::1:80", "unix:", "1.2.3.4.5:80" };
	struct loop *loop = loop_new(clock_ms);
	struct acceptor *l = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(acceptor_new(loop, bad[i], on_accept, NULL, &l), ERR_INVALID);
	loop_free(&loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_connections_are_handed_out),
		cmocka_unit_test(a_leftover_unix_socket_is_replaced_and_a_live_one_is_not),
		cmocka_unit_test(words_that_are_no_address_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
