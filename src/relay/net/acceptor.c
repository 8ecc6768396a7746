#define _GNU_SOURCE
#include "relay/net/acceptor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "relay/net/sock.h"

#define ACCEPTOR_BACKLOG  1024
#define ACCEPTOR_PER_TURN 64
#define ACCEPTOR_PAUSE_MS 1000

union address {
	struct sockaddr any;
	struct sockaddr_un un;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct acceptor {
	struct watch watch;
	struct deadline resume;
	struct deadline_queue resumes;
	struct loop *loop;
	acceptor_fn *fn;
	void *arg;
	int fd;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* "" for TCP */
};

static enum err unix_address(const char *path, union address *ret, socklen_t *ret_n)
{
	size_t n = strlen(path);

	if (n == 0 || n >= sizeof(ret->un.sun_path))
		return ERR_INVALID;
	*ret = (union address){ .un.sun_family = AF_UNIX };
	memcpy(ret->un.sun_path, path, n + 1);
	*ret_n = sizeof(ret->un);
	return ERR_OK;
}

static enum err tcp_address(const char *text, union address *ret, socklen_t *ret_n)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	uint64_t port;
	size_t n;

	if (!colon || !str_to_uint(str_from(colon + 1), 65535, &port))
		return ERR_INVALID;
	n = (size_t)(colon - text);
	if (n >= sizeof(host))
		return ERR_INVALID;
	snprintf(host, sizeof(host), "%.*s", (int)n, text);
	*ret = (union address){ .in = { .sin_family = AF_INET,
					.sin_port = htons((uint16_t)port) } };
	*ret_n = sizeof(ret->in);
	if (inet_pton(AF_INET, host, &ret->in.sin_addr) == 1)
		return ERR_OK;
	if (n < 2 || host[0] != '[' || host[n - 1] != ']')
		return ERR_INVALID;
	host[n - 1] = '\0';
	*ret = (union address){ .in6 = { .sin6_family = AF_INET6,
					.sin6_port = htons((uint16_t)port) } };
	*ret_n = sizeof(ret->in6);
	return inet_pton(AF_INET6, host + 1, &ret->in6.sin6_addr) == 1 ? ERR_OK : ERR_INVALID;
}

static enum err address_parse(const char *text, union address *ret, socklen_t *ret_n)
{
	if (strncmp(text, "unix:", 5) == 0)
		return unix_address(text + 5, ret, ret_n);
	if (text[0] == '/')
		return unix_address(text, ret, ret_n);
	return tcp_address(text, ret, ret_n);
}

/* A socket file without an answer is a leftover; one that answers is in use. */
static void remove_leftover(const union address *a, socklen_t n)
{
	int fd;

	if (a->any.sa_family != AF_UNIX)
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, &a->any, n) && errno == ECONNREFUSED)
		unlink(a->un.sun_path);
	if (fd >= 0)
		close(fd);
}

static int bind_and_listen(const union address *a, socklen_t n)
{
	int one = 1;
	int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	remove_leftover(a, n);
	if (bind(fd, &a->any, n) || listen(fd, ACCEPTOR_BACKLOG)) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	if (a->any.sa_family == AF_UNIX)
		chmod(a->un.sun_path, 0660);
	return fd;
}

static void pause_accepting(struct acceptor *l)
{
	log_warn("accept: %s; pausing for %d ms: raise LimitNOFILE= of the unit (or ulimit -n), or "
		 "lower max_connections",
		strerror(errno), ACCEPTOR_PAUSE_MS);
	loop_unwatch(l->loop, &l->watch);
	deadline_set(&l->resume, &l->resumes, loop_now(l->loop) + ACCEPTOR_PAUSE_MS);
}

static void on_resume(struct deadline *d, int64_t now_ms)
{
	struct acceptor *l = LIST_ENTRY(d, struct acceptor, resume);

	(void)now_ms;
	loop_watch(l->loop, &l->watch, l->fd, EPOLLIN);
}

static void on_ready(struct watch *w, uint32_t events)
{
	struct acceptor *l = LIST_ENTRY(w, struct acceptor, watch);

	(void)events;
	for (int i = 0; i < ACCEPTOR_PER_TURN; i++) {
		int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			sock_prepare(fd);
			l->fn(l->arg, fd);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			   errno == ENOMEM) {
			pause_accepting(l);
			return;
		} else if (errno != ECONNABORTED && errno != EINTR) {
			return;
		}
	}
}

enum err acceptor_new(
	struct loop *loop, const char *address, acceptor_fn *fn, void *arg, struct acceptor **ret)
{
	union address a;
	socklen_t n = 0;
	struct acceptor *l;
	int fd;

	if (address_parse(address, &a, &n) != ERR_OK) {
		log_error("not an address to listen on: %s", address);
		return ERR_INVALID;
	}
	fd = bind_and_listen(&a, n);
	if (fd < 0) {
		log_error("cannot listen on %s: %s", address, strerror(errno));
		return ERR_UNAVAILABLE;
	}
	l = mem_alloc(sizeof(*l));
	l->loop = loop;
	l->fn = fn;
	l->arg = arg;
	l->fd = fd;
	if (a.any.sa_family == AF_UNIX)
		memcpy(l->path, a.un.sun_path, sizeof(l->path));
	deadline_init(&l->resume);
	deadline_queue_init(&l->resumes, on_resume);
	loop_add_queue(loop, &l->resumes);
	watch_init(&l->watch, on_ready);
	loop_watch(loop, &l->watch, fd, EPOLLIN);
	*ret = l;
	return ERR_OK;
}

void acceptor_free(struct acceptor **l)
{
	if (!*l)
		return;
	deadline_clear(&(*l)->resume);
	loop_remove_queue((*l)->loop, &(*l)->resumes);
	loop_unwatch((*l)->loop, &(*l)->watch);
	close((*l)->fd);
	if ((*l)->path[0])
		unlink((*l)->path);
	free(*l);
	*l = NULL;
}

int acceptor_port(const struct acceptor *l)
{
	union address a;
	socklen_t n = sizeof(a);

	if (getsockname(l->fd, &a.any, &n))
		return 0;
	if (a.any.sa_family == AF_INET)
		return ntohs(a.in.sin_port);
	return a.any.sa_family == AF_INET6 ? ntohs(a.in6.sin6_port) : 0;
}
