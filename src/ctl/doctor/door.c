#define _GNU_SOURCE
#include "door.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

#define HOST_MAX    256
#define ANSWER_MAX  65536
#define BEGIN       1
#define PARAMS      4
#define STDIN       5
#define HEADER_SIZE 8

static bool is_ready(int fd, short events, int64_t until_ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left = until_ms - clock_ms();

	return poll(&p, 1, left > 0 ? (int)left : 0) > 0;
}

/* The socket, or -1 with errno. */
static int connect_to(const struct sockaddr *address, socklen_t n, int64_t until_ms)
{
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = 0;
	socklen_t size = sizeof(error);

	if (fd < 0 || connect(fd, address, n) == 0)
		return fd;
	error = errno;
	if (error == EINPROGRESS) {
		error = ETIMEDOUT;
		if (is_ready(fd, POLLOUT, until_ms))
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	}
	if (!error)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

static int connect_unix(const char *path, int64_t until_ms)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(a.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(a.sun_path, path, strlen(path));
	return connect_to((struct sockaddr *)&a, sizeof(a), until_ms);
}

static bool split(const char *address, char host[HOST_MAX], const char **ret_port)
{
	const char *colon = strrchr(address, ':');
	bool bracketed = address[0] == '[';
	size_t n = colon ? (size_t)(colon - address) : 0;

	if (!colon || n >= HOST_MAX || (bracketed && n < 2))
		return false;
	snprintf(host, HOST_MAX, "%.*s", (int)(bracketed ? n - 2 : n),
		bracketed ? address + 1 : address);
	*ret_port = colon + 1;
	return true;
}

/* A name is asked for within the time that the system gives it. */
static int connect_tcp(const char *address, int64_t until_ms)
{
	const struct addrinfo want = { .ai_flags = AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	const char *port = NULL;
	char host[HOST_MAX];
	int fd = -1;

	errno = EINVAL;
	if (!split(address, host, &port) || getaddrinfo(host, port, &want, &found))
		return -1;
	for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next)
		fd = connect_to(a->ai_addr, a->ai_addrlen, until_ms);
	freeaddrinfo(found);
	return fd;
}

static int dial(const char *address, int64_t until_ms)
{
	if (strncmp(address, "unix:", 5) == 0)
		address += 5;
	return *address == '/' ? connect_unix(address, until_ms) : connect_tcp(address, until_ms);
}

const char *door_opens(const char *address, int wait_ms)
{
	int fd = dial(address, clock_ms() + wait_ms);

	if (fd < 0)
		return strerror(errno);
	close(fd);
	return NULL;
}

/* FastCGI's record: version, type, request 1, length, no padding. */
static void record_add(struct buf *out, int type, const void *p, size_t n)
{
	const uint8_t header[HEADER_SIZE] = { 1, (uint8_t)type, 0, 1, (uint8_t)(n >> 8),
		(uint8_t)n };

	buf_add(out, header, sizeof(header));
	buf_add(out, p, n);
}

static void param_add(struct buf *out, const char *name, const char *value)
{
	buf_add_char(out, (char)strlen(name));
	buf_add_char(out, (char)strlen(value));
	buf_add_str(out, name);
	buf_add_str(out, value);
}

static void ping_write(struct buf *out)
{
	static const uint8_t begin[HEADER_SIZE] = { 0, 1 }; /* a responder; to be closed then */
	struct buf params;

	buf_init(&params, ANSWER_MAX);
	param_add(&params, "REQUEST_METHOD", "GET");
	param_add(&params, "REQUEST_URI", "/api/ping");
	param_add(&params, "HTTP_HOST", "localhost");
	param_add(&params, "REQUEST_SCHEME", "https");
	param_add(&params, "SERVER_NAME", "localhost");
	param_add(&params, "REMOTE_ADDR", "127.0.0.1");
	record_add(out, BEGIN, begin, sizeof(begin));
	record_add(out, PARAMS, params.p, params.n);
	record_add(out, PARAMS, "", 0);
	record_add(out, STDIN, "", 0);
	buf_finish(&params);
}

static bool holds_pong(const struct buf *b)
{
	return b->n && memmem(b->p, b->n, "pong", 4);
}

static const char *answer_wait(int fd, int64_t until_ms)
{
	const char *why = "no answer in time";
	struct buf answer;
	char part[4096];
	ssize_t n = 1;

	buf_init(&answer, ANSWER_MAX);
	while (n > 0 && !holds_pong(&answer) && !answer.overflow &&
		is_ready(fd, POLLIN, until_ms)) {
		n = read(fd, part, sizeof(part));
		buf_add(&answer, part, n > 0 ? (size_t)n : 0);
	}
	if (holds_pong(&answer))
		why = NULL;
	else if (n <= 0 || answer.overflow)
		why = "it does not answer as the API does";
	buf_finish(&answer);
	return why;
}

const char *door_api_answers(const char *address, int wait_ms)
{
	int64_t until_ms = clock_ms() + wait_ms;
	int fd = dial(address, until_ms);
	struct buf ping;
	const char *why;

	if (fd < 0)
		return strerror(errno);
	buf_init(&ping, ANSWER_MAX);
	ping_write(&ping);
	why = send(fd, ping.p, ping.n, MSG_NOSIGNAL) == (ssize_t)ping.n ? answer_wait(fd, until_ms)
									: "it takes no requests";
	buf_finish(&ping);
	close(fd);
	return why;
}
