/* A server of one answer on a port of this machine: a process that writes the same bytes to each that connects. */
#ifndef DIALTONE_TESTS_UNIT_OUTGOING_SERVER_H
#define DIALTONE_TESTS_UNIT_OUTGOING_SERVER_H

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit.h"

struct server {
	pid_t pid;
	unsigned port;
	int asked; /* a byte for each that connected */
};

static inline void server_answer(int caller, const char *text, size_t times)
{
	char request[4096];

	if (read(caller, request, sizeof(request)) <= 0)
		return;
	if (!text)
		pause();
	for (size_t i = 0; i < times; i++)
		if (write(caller, text, strlen(text)) < 0)
			return;
}

static inline void server_run(int fd, int told, const char *text, size_t times)
{
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int caller = accept(fd, NULL, NULL);

		if (write(told, "x", 1) != 1)
			_exit(1);
		server_answer(caller, text, times);
		close(caller);
	}
}

/* It writes text so many times. text NULL: it says nothing at all. */
static inline struct server server_start(const char *text, size_t times)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), pipe_ends[2];
	struct server s = { 0 };

	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	assert_int_equal(pipe(pipe_ends), 0);
	s.port = ntohs(a.sin_port);
	s.asked = pipe_ends[0];
	s.pid = fork();
	if (s.pid == 0)
		server_run(fd, pipe_ends[1], text, times);
	close(fd);
	close(pipe_ends[1]);
	return s;
}

/* Returns how many connected. */
static inline size_t server_stop(struct server *s)
{
	char bytes[64];
	ssize_t n;

	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	n = read(s->asked, bytes, sizeof(bytes));
	close(s->asked);
	return n > 0 ? (size_t)n : 0;
}

#endif
