#define _GNU_SOURCE
#include "base/listening.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

#define BACKLOG 1024

union address {
	struct sockaddr any;
	struct sockaddr_un un;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
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

/* A socket file without an answer is a leftover; one that answers is in use, and another file is not ours. */
static void remove_leftover(const union address *a, socklen_t n)
{
	struct stat st;
	int fd;

	if (a->any.sa_family != AF_UNIX || lstat(a->un.sun_path, &st) || !S_ISSOCK(st.st_mode))
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
	if (bind(fd, &a->any, n) || listen(fd, BACKLOG)) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	if (a->any.sa_family == AF_UNIX)
		chmod(a->un.sun_path, 0660);
	return fd;
}

enum err listening_open(const char *address, struct listening *ret)
{
	union address a;
	socklen_t n = 0;
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
	*ret = (struct listening){ .fd = fd };
	if (a.any.sa_family == AF_UNIX)
		memcpy(ret->path, a.un.sun_path, sizeof(ret->path));
	return ERR_OK;
}

void listening_close(struct listening *l)
{
	if (l->fd < 0)
		return;
	close(l->fd);
	if (l->path[0])
		unlink(l->path);
	*l = (struct listening){ .fd = -1 };
}
