#define _GNU_SOURCE
#include "base/listening.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

#define BACKLOG     1024
#define PERMISSIONS 0777

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

/* Whether the file is a socket whose owner is gone. */
static bool is_stale(const struct sockaddr_un *address)
{
	struct stat st;
	int fd;
	bool refused;

	if (lstat(address->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	refused = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
		  errno == ECONNREFUSED;
	if (fd >= 0)
		close(fd);
	return refused;
}

/* The umask sees to it that the socket never has more permissions than it should. */
static int bind_with_mode(int fd, const struct sockaddr_un *address, mode_t mode)
{
	mode_t former = umask(~mode & PERMISSIONS);
	int result = bind(fd, (const struct sockaddr *)address, sizeof(*address)), error = errno;

	umask(former);
	errno = error;
	return result;
}

static int bind_or_replace(int fd, const struct sockaddr_un *address, mode_t mode)
{
	if (bind_with_mode(fd, address, mode) == 0)
		return 0;
	if (errno != EADDRINUSE)
		return -1;
	if (!is_stale(address)) {
		errno = EADDRINUSE;
		return -1;
	}
	log_info("the socket %s was left behind by a program that was killed: it is made anew",
		address->sun_path);
	unlink(address->sun_path);
	return bind_with_mode(fd, address, mode);
}

static int bind_tcp(int fd, const union address *a, socklen_t n)
{
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return bind(fd, &a->any, n);
}

static int bind_and_listen(const union address *a, socklen_t n, mode_t mode)
{
	int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if ((a->any.sa_family == AF_UNIX ? bind_or_replace(fd, &a->un, mode)
					 : bind_tcp(fd, a, n)) == 0 &&
		listen(fd, BACKLOG) == 0)
		return fd;
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

/* Why bind refused: an address in use says nothing of a file that is no socket. Keeps errno. */
static const char *why_not(const union address *a)
{
	int error = errno;
	struct stat st;
	bool is_file = error == EADDRINUSE && a->any.sa_family == AF_UNIX &&
		       lstat(a->un.sun_path, &st) == 0 && !S_ISSOCK(st.st_mode);

	errno = error;
	if (is_file)
		return "a file that is no socket is in its place, and has to be moved away";
	return error == EADDRINUSE ? "another program listens there" : strerror(error);
}

enum err listening_open(const char *address, mode_t mode, struct listening *ret)
{
	union address a;
	socklen_t n = 0;

	*ret = LISTENING_NONE;
	if (address_parse(address, &a, &n) != ERR_OK) {
		log_error("not an address to listen on, or a path that is too long: %s", address);
		return ERR_INVALID;
	}
	ret->fd = bind_and_listen(&a, n, mode);
	if (ret->fd < 0) {
		enum err e = errno == EADDRINUSE ? ERR_CONFLICT : ERR_UNAVAILABLE;

		log_error("listening on %s: %s", address, why_not(&a));
		return e;
	}
	if (a.any.sa_family == AF_UNIX) {
		memcpy(ret->path, a.un.sun_path, sizeof(ret->path));
		ret->file = open(ret->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	}
	return ERR_OK;
}

/* An open file keeps its inode number, so a successor's socket cannot have the same. */
static bool is_still_ours(const struct listening *l)
{
	struct stat made, found;

	return l->file >= 0 && fstat(l->file, &made) == 0 && stat(l->path, &found) == 0 &&
	       made.st_dev == found.st_dev && made.st_ino == found.st_ino;
}

void listening_close(struct listening *l)
{
	if (is_still_ours(l))
		unlink(l->path);
	if (l->file >= 0)
		close(l->file);
	if (l->fd >= 0)
		close(l->fd);
	*l = LISTENING_NONE;
}
