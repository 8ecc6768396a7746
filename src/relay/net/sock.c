#include "relay/net/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCK_KERNEL_BYTES    (64 * 1024)
#define SOCK_PEER_TIMEOUT_MS 20000
#define SOCK_WRITE_FRAMES    16

void sock_prepare(int fd)
{
	int one = 1, bytes = SOCK_KERNEL_BYTES, timeout = SOCK_PEER_TIMEOUT_MS;

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	/* Both are refused by a unix socket, which needs neither. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof(timeout));
}

void sock_open(struct sock *s, struct loop *l, int fd, watch_fn *fn)
{
	s->out = NULL;
	watch_init(&s->watch, fn);
	loop_watch(l, &s->watch, fd, EPOLLIN);
}

void sock_close(struct sock *s, struct loop *l)
{
	int fd = s->watch.fd;

	frame_queue_free(&s->out);
	if (fd < 0)
		return;
	loop_unwatch(l, &s->watch);
	close(fd);
}

bool sock_is_open(const struct sock *s)
{
	return s->watch.fd >= 0;
}

static bool would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

enum err sock_read(struct sock *s, void *p, size_t n, size_t *ret_n)
{
	ssize_t got = recv(s->watch.fd, p, n, 0);

	if (got < 0)
		return would_block() ? ERR_AGAIN : ERR_GONE;
	if (got == 0)
		return ERR_GONE;
	*ret_n = (size_t)got;
	return ERR_OK;
}

static enum err send_now(struct sock *s, struct str bytes, size_t *ret_sent)
{
	ssize_t n = send(s->watch.fd, bytes.p, bytes.n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && !would_block())
		return ERR_GONE;
	*ret_sent = n < 0 ? 0 : (size_t)n;
	return ERR_OK;
}

static void want_output(struct sock *s, struct loop *l)
{
	loop_watch(l, &s->watch, s->watch.fd, s->watch.events | EPOLLOUT);
}

static enum err queue_frame(struct sock *s, struct loop *l, struct frame *f, size_t sent)
{
	enum err e = frame_queue_add(&s->out, loop_frames(l), f, sent, loop_now(l));

	if (e != ERR_LIMIT)
		return e;
	/* What waits may never have been offered. */
	e = sock_flush(s, l);
	return e == ERR_OK ? frame_queue_add(&s->out, loop_frames(l), f, sent, loop_now(l)) : e;
}

enum err sock_post(struct sock *s, struct loop *l, struct frame *f)
{
	return sock_is_open(s) ? queue_frame(s, l, f, 0) : ERR_GONE;
}

enum err sock_send(struct sock *s, struct loop *l, struct frame *f)
{
	struct str wire = frame_wire(f);
	size_t sent = 0;
	enum err e;

	if (!sock_is_open(s))
		return ERR_GONE;
	if (s->out)
		return queue_frame(s, l, f, 0);
	e = send_now(s, wire, &sent);
	if (e != ERR_OK || sent == wire.n)
		return e;
	want_output(s, l);
	return queue_frame(s, l, f, sent);
}

static enum err queue_copy(struct sock *s, struct loop *l, struct str bytes)
{
	struct frame *f = frame_from(bytes, STR(""));
	enum err e = queue_frame(s, l, f, 0);

	frame_unref(&f);
	return e;
}

enum err sock_send_bytes(struct sock *s, struct loop *l, struct str bytes)
{
	size_t sent = 0;
	enum err e;

	if (!sock_is_open(s))
		return ERR_GONE;
	if (s->out)
		return queue_copy(s, l, bytes);
	e = send_now(s, bytes, &sent);
	if (e != ERR_OK || sent == bytes.n)
		return e;
	want_output(s, l);
	return queue_copy(s, l, (struct str){ bytes.p + sent, bytes.n - sent });
}

enum err sock_flush(struct sock *s, struct loop *l)
{
	struct iovec iov[SOCK_WRITE_FRAMES];

	while (s->out) {
		struct msghdr m = { .msg_iov = iov,
			.msg_iovlen = frame_queue_gather(s->out, iov, SOCK_WRITE_FRAMES) };
		ssize_t n = sendmsg(s->watch.fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && !would_block())
			return ERR_GONE;
		if (n < 0) {
			want_output(s, l);
			return ERR_OK;
		}
		frame_queue_consume(&s->out, (size_t)n, loop_now(l));
	}
	loop_watch(l, &s->watch, s->watch.fd, s->watch.events & ~(uint32_t)EPOLLOUT);
	return ERR_OK;
}

size_t sock_waiting(const struct sock *s)
{
	return frame_queue_bytes(s->out);
}

void sock_end(struct sock *s)
{
	shutdown(s->watch.fd, SHUT_WR);
}

void sock_want_input(struct sock *s, struct loop *l, bool on)
{
	uint32_t others = s->watch.events & ~(uint32_t)EPOLLIN;

	loop_watch(l, &s->watch, s->watch.fd, on ? others | EPOLLIN : others);
}
