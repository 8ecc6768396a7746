#define _GNU_SOURCE
#include "daemon/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

#define FIRST_INHERITED 3
#define ADDRESS_MAX     160

static bool is_listening(int fd)
{
	int yes = 0;
	socklen_t n = sizeof(yes);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &n) == 0 && yes;
}

union address {
	struct sockaddr any;
	struct sockaddr_un un;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* As an operator writes it: a path, or an address and a port. */
static void print_address(int fd, char ret[ADDRESS_MAX])
{
	union address a = { .any.sa_family = AF_UNSPEC };
	socklen_t n = sizeof(a);
	char host[INET6_ADDRSTRLEN];

	snprintf(ret, ADDRESS_MAX, "?");
	if (getsockname(fd, &a.any, &n) < 0)
		return;
	if (a.any.sa_family == AF_UNIX && n > offsetof(struct sockaddr_un, sun_path))
		snprintf(ret, ADDRESS_MAX, "%.*s", (int)sizeof(a.un.sun_path), a.un.sun_path);
	else if (a.any.sa_family == AF_INET &&
		 inet_ntop(AF_INET, &a.in.sin_addr, host, sizeof(host)))
		snprintf(ret, ADDRESS_MAX, "%s:%d", host, ntohs(a.in.sin_port));
	else if (a.any.sa_family == AF_INET6 &&
		 inet_ntop(AF_INET6, &a.in6.sin6_addr, host, sizeof(host)))
		snprintf(ret, ADDRESS_MAX, "[%s]:%d", host, ntohs(a.in6.sin6_port));
}

/* This machine, or a network that is not the internet's. */
static bool is_private_v4(uint32_t a)
{
	return a >> 24 == 127 || a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8 ||
	       a >> 22 == 0x191 || a >> 16 == 0xa9fe;
}

static bool is_private_v6(const struct in6_addr *a)
{
	return IN6_IS_ADDR_LOOPBACK(a) || IN6_IS_ADDR_LINKLOCAL(a) ||
	       (a->s6_addr[0] & 0xfe) == 0xfc;
}

static void warn_of_strangers(int fd, const char *where)
{
	union address a = { .any.sa_family = AF_UNSPEC };
	socklen_t n = sizeof(a);

	if (getsockname(fd, &a.any, &n) < 0 ||
		(a.any.sa_family != AF_INET && a.any.sa_family != AF_INET6))
		return;
	if (a.any.sa_family == AF_INET ? is_private_v4(ntohl(a.in.sin_addr.s_addr))
				       : is_private_v6(&a.in6.sin6_addr))
		return;
	log_warn("%s is no address of a private network: all that reach it speak with the "
		 "authority of nginx and can be any user; listen on a private address, or let the "
		 "other hosts in alone (IPAddressDeny= of the unit, a firewall, a tunnel)",
		where);
}

static void prepare(int fd)
{
	char address[ADDRESS_MAX];
	int yes = 1;

	/* What is accepted has it from here: the end of an answer does not wait for the beginning to arrive.
	 * It is nothing a unix socket knows. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	print_address(fd, address);
	log_info("listening on the inherited socket %s", address);
	warn_of_strangers(fd, address);
}

static bool is_for_us(const char *listen_pid)
{
	uint64_t pid;

	return listen_pid && str_to_uint(str_from(listen_pid), INT32_MAX, &pid) &&
	       (pid_t)pid == getpid();
}

/* 0: it is not. */
static uint64_t count_of(const char *listen_fds)
{
	uint64_t n;

	return str_to_uint(str_from(listen_fds), 1 + LISTENER_OTHERS_MAX, &n) ? n : 0;
}

static bool are_listening(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		if (!is_listening(FIRST_INHERITED + (int)i))
			return false;
	return count > 0;
}

/* ERR_NOT_FOUND: systemd gave nothing. */
static enum err from_systemd(struct listener *l)
{
	const char *fds = getenv("LISTEN_FDS");
	bool ours = is_for_us(getenv("LISTEN_PID")) && fds;
	uint64_t count = ours ? count_of(fds) : 0;

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (!ours)
		return ERR_NOT_FOUND;
	if (!are_listening(count)) {
		log_error(
			"systemd has to pass one to %d listening sockets", 1 + LISTENER_OTHERS_MAX);
		return ERR_INVALID;
	}
	l->at.fd = FIRST_INHERITED;
	for (l->other_count = 0; l->other_count + 1 < (int)count; l->other_count++)
		l->others[l->other_count] = FIRST_INHERITED + 1 + l->other_count;
	return ERR_OK;
}

/* Leaves /dev/null as standard input. ERR_NOT_FOUND: it is no listening socket. */
static enum err from_spawner(int *ret_fd)
{
	int fd, null;

	if (!is_listening(STDIN_FILENO))
		return ERR_NOT_FOUND;
	fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, FIRST_INHERITED);
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0) {
		log_error("inherited socket: %s", strerror(errno));
		return ERR_UNAVAILABLE;
	}
	close(null);
	*ret_fd = fd;
	return ERR_OK;
}

static enum err inherit(struct listener *l)
{
	enum err e = from_systemd(l);

	if (e == ERR_NOT_FOUND)
		e = from_spawner(&l->at.fd);
	if (e != ERR_OK)
		return e;
	prepare(l->at.fd);
	for (int i = 0; i < l->other_count; i++)
		prepare(l->others[i]);
	return ERR_OK;
}

enum err listener_init(struct listener *l, const char *path, mode_t mode)
{
	enum err e;

	*l = (struct listener){ .at = LISTENING_NONE };
	e = inherit(l);
	if (e != ERR_NOT_FOUND)
		return e;
	e = listening_open(path, mode, &l->at);
	if (e == ERR_OK)
		log_info("listening on %s", path);
	return e;
}

void listener_finish(struct listener *l)
{
	listening_close(&l->at);
	for (int i = 0; i < l->other_count; i++)
		close(l->others[i]);
	l->other_count = 0;
}
