#include "relay/net/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/mem.h"

#define SOCK_KERNEL_BYTES    (64 * 1024)
#define SOCK_PEER_TIMEOUT_MS 20000
#define SOCK_QUEUE_FIRST     4
#define SOCK_WRITE_FRAMES    16

/* A ring of frames; the first one may be partly written. */
struct sock_queue {
	size_t bytes;    /* not yet taken by the kernel */
	uint32_t offset; /* of the first frame */
	uint32_t head, count, cap;
	struct frame *items[];
};

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

static void queue_free(struct sock *s)
{
	struct sock_queue *q = s->out;

	if (!q)
		return;
	for (uint32_t i = 0; i < q->count; i++)
		frame_unref(&q->items[(q->head + i) % q->cap]);
	free(q);
	s->out = NULL;
}

void sock_close(struct sock *s, struct loop *l)
{
	int fd = s->watch.fd;

	queue_free(s);
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

static void queue_grow(struct sock *s)
{
	struct sock_queue *old = s->out, *q;
	uint32_t cap = old ? old->cap * 2 : SOCK_QUEUE_FIRST;

	q = mem_alloc(sizeof(*q) + cap * sizeof(struct frame *));
	q->cap = cap;
	if (old) {
		q->bytes = old->bytes;
		q->offset = old->offset;
		q->count = old->count;
		for (uint32_t i = 0; i < old->count; i++)
			q->items[i] = old->items[(old->head + i) % old->cap];
		free(old);
	}
	s->out = q;
}

/* Takes the reference over; the first `sent` bytes are the kernel's already. */
static void queue_add(struct sock *s, struct loop *l, struct frame *f, size_t sent)
{
	struct sock_queue *q;

	if (!s->out || s->out->count == s->out->cap)
		queue_grow(s);
	q = s->out;
	if (q->count == 0)
		q->offset = (uint32_t)sent;
	q->items[(q->head + q->count++) % q->cap] = f;
	q->bytes += frame_wire(f).n - sent;
	loop_watch(l, &s->watch, s->watch.fd, s->watch.events | EPOLLOUT);
}

static enum err send_now(struct sock *s, struct str bytes, size_t *ret_sent)
{
	ssize_t n = send(s->watch.fd, bytes.p, bytes.n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && !would_block())
		return ERR_GONE;
	*ret_sent = n < 0 ? 0 : (size_t)n;
	return ERR_OK;
}

static bool queue_is_full(const struct sock *s)
{
	return s->out && (s->out->bytes >= SOCK_QUEUE_BYTES || s->out->count >= SOCK_QUEUE_FRAMES);
}

enum err sock_send(struct sock *s, struct loop *l, struct frame *f)
{
	struct str wire = frame_wire(f);
	size_t sent = 0;

	if (!sock_is_open(s))
		return ERR_GONE;
	if (queue_is_full(s))
		return ERR_LIMIT;
	if (!s->out) {
		enum err e = send_now(s, wire, &sent);

		if (e != ERR_OK)
			return e;
	}
	if (sent < wire.n)
		queue_add(s, l, frame_ref(f), sent);
	return ERR_OK;
}

enum err sock_send_bytes(struct sock *s, struct loop *l, struct str bytes)
{
	size_t sent = 0;

	if (!sock_is_open(s))
		return ERR_GONE;
	if (queue_is_full(s))
		return ERR_LIMIT;
	if (!s->out) {
		enum err e = send_now(s, bytes, &sent);

		if (e != ERR_OK)
			return e;
	}
	if (sent < bytes.n) {
		struct str rest = { bytes.p + sent, bytes.n - sent };

		queue_add(s, l, frame_from(rest, STR("")), 0);
	}
	return ERR_OK;
}

static size_t queue_gather(const struct sock_queue *q, struct iovec iov[SOCK_WRITE_FRAMES])
{
	size_t n = 0;

	for (; n < q->count && n < SOCK_WRITE_FRAMES; n++) {
		struct str wire = frame_wire(q->items[(q->head + n) % q->cap]);
		size_t skip = n == 0 ? q->offset : 0;
		void *from = (void *)(uintptr_t)(wire.p + skip);

		iov[n] = (struct iovec){ from, wire.n - skip };
	}
	return n;
}

static void queue_consume(struct sock_queue *q, size_t n)
{
	q->bytes -= n;
	while (n > 0) {
		struct frame **first = &q->items[q->head];
		size_t left = frame_wire(*first).n - q->offset;

		if (n < left) {
			q->offset += (uint32_t)n;
			return;
		}
		n -= left;
		q->offset = 0;
		frame_unref(first);
		q->head = (q->head + 1) % q->cap;
		q->count--;
	}
}

enum err sock_flush(struct sock *s, struct loop *l)
{
	struct iovec iov[SOCK_WRITE_FRAMES];

	while (s->out && s->out->count > 0) {
		struct msghdr m = { .msg_iov = iov, .msg_iovlen = queue_gather(s->out, iov) };
		ssize_t n = sendmsg(s->watch.fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0)
			return would_block() ? ERR_OK : ERR_GONE;
		queue_consume(s->out, (size_t)n);
	}
	queue_free(s);
	loop_watch(l, &s->watch, s->watch.fd, s->watch.events & ~(uint32_t)EPOLLOUT);
	return ERR_OK;
}

size_t sock_waiting(const struct sock *s)
{
	return s->out ? s->out->bytes : 0;
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
