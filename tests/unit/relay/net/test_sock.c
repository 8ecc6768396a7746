#define _GNU_SOURCE
#include "relay/net/sock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "../../unit.h"

struct pair {
	struct loop *loop;
	struct sock sock;
	int peer;
	uint32_t seen;
};

static struct pair pair;

static void on_ready(struct watch *w, uint32_t events)
{
	struct pair *p = LIST_ENTRY(w, struct pair, sock.watch);

	p->seen |= events;
	if (events & EPOLLOUT)
		assert_int_equal(sock_flush(&p->sock, p->loop), ERR_OK);
}

static int setup(void **state)
{
	int fds[2];

	(void)state;
	pair = (struct pair){ .loop = loop_new(clock_ms) };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds))
		return -1;
	sock_prepare(fds[0]);
	sock_open(&pair.sock, pair.loop, fds[0], on_ready);
	pair.peer = fds[1];
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sock_close(&pair.sock, pair.loop);
	loop_free(&pair.loop);
	return close(pair.peer);
}

static void a_small_message_leaves_at_once_and_keeps_no_memory(void **state)
{
	char got[16];

	(void)state;
	assert_int_equal(sock_send_bytes(&pair.sock, pair.loop, STR("hello")), ERR_OK);
	assert_null(pair.sock.out);
	assert_int_equal(read(pair.peer, got, sizeof(got)), 5);
}

static size_t drain_peer(uint8_t *next)
{
	uint8_t got[65536];
	size_t total = 0;
	ssize_t n;

	while ((n = read(pair.peer, got, sizeof(got))) > 0)
		for (ssize_t i = 0; i < n; i++, total++)
			assert_int_equal(got[i], (*next)++);
	return total;
}

static void what_the_kernel_refuses_waits_and_arrives_in_order(void **state)
{
	struct frame *f = frame_new(256 * 40);
	size_t sent = 0, got = 0;
	uint8_t next = 0;
	enum err e;

	(void)state;
	for (size_t i = 0; i < f->n; i++)
		frame_body(f)[i] = (uint8_t)i;
	while ((e = sock_send(&pair.sock, pair.loop, f)) == ERR_OK)
		sent += f->n;
	assert_int_equal(e, ERR_LIMIT);
	assert_true(sock_waiting(&pair.sock) >= FRAME_QUEUE_BYTES_MAX);
	assert_true(sock_waiting(&pair.sock) < FRAME_QUEUE_BYTES_MAX + f->n);
	while (got < sent) {
		got += drain_peer(&next);
		loop_turn(pair.loop, 0);
	}
	assert_int_equal(got, sent);
	assert_null(pair.sock.out);
	assert_int_equal(f->refs, 1);
	frame_unref(&f);
}

static void closing_drops_what_waits(void **state)
{
	struct frame *f = frame_new(100000);

	(void)state;
	while (sock_send(&pair.sock, pair.loop, f) == ERR_OK)
		;
	assert_true(f->refs > 1);
	sock_close(&pair.sock, pair.loop);
	assert_int_equal(f->refs, 1);
	assert_int_equal(sock_send(&pair.sock, pair.loop, f), ERR_GONE);
	frame_unref(&f);
}

static void a_peer_that_is_gone_is_reported(void **state)
{
	char got[8];
	size_t n;

	(void)state;
	assert_int_equal(sock_read(&pair.sock, got, sizeof(got), &n), ERR_AGAIN);
	shutdown(pair.peer, SHUT_RDWR);
	loop_turn(pair.loop, 0);
	assert_true(pair.seen & EPOLLIN);
	assert_int_equal(sock_read(&pair.sock, got, sizeof(got), &n), ERR_GONE);
	assert_int_equal(sock_send_bytes(&pair.sock, pair.loop, STR("x")), ERR_GONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_small_message_leaves_at_once_and_keeps_no_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_the_kernel_refuses_waits_and_arrives_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(closing_drops_what_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(a_peer_that_is_gone_is_reported, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
