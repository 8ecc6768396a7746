#define _GNU_SOURCE
#include "daemon/figures_socket.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/open_metrics.h"
#include "base/str.h"

#define LINE_MAX_BYTES 4096
#define ANSWER_MAX     65536

static void put_http(struct buf *out, figures_put_fn put, void *arg)
{
	struct buf text;

	buf_init(&text, ANSWER_MAX);
	put(arg, true, &text);
	open_metrics_answer(out, &text);
	buf_finish(&text);
}

static void answer(int fd, figures_put_fn put, void *arg)
{
	char line[LINE_MAX_BYTES];
	ssize_t n = recv(fd, line, sizeof(line), 0);
	const struct str said = { line, n > 0 ? (size_t)n : 0 };
	struct buf out;

	if (n <= 0)
		return;
	buf_init(&out, ANSWER_MAX);
	if (str_starts(said, "GET "))
		put_http(&out, put, arg);
	else if (str_starts(said, "status"))
		put(arg, false, &out);
	else
		buf_add_str(&out, "what?\n");
	if (send(fd, out.p, out.n, MSG_NOSIGNAL) == (ssize_t)out.n)
		shutdown(fd, SHUT_WR);
	buf_finish(&out);
}

void figures_socket_serve(int listener, figures_put_fn put, void *arg)
{
	const struct timeval patience = { .tv_sec = 1 };
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	answer(fd, put, arg);
	close(fd);
}
