#define _GNU_SOURCE
#include "daemon/unix_call.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define WAIT_S 10

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval wait = { .tv_sec = WAIT_S };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool read_all(int fd, struct buf *answer)
{
	char part[65536];
	ssize_t n;

	while ((n = read(fd, part, sizeof(part))) > 0)
		buf_add(answer, part, (size_t)n);
	return n == 0 && !answer->overflow;
}

enum err unix_call_make(const char *path, const char *line, struct buf *answer)
{
	int fd = connect_to(path);
	bool ok;

	if (fd < 0)
		return ERR_UNAVAILABLE;
	ok = send(fd, line, strlen(line), MSG_NOSIGNAL) == (ssize_t)strlen(line) &&
	     read_all(fd, answer);
	close(fd);
	return ok ? ERR_OK : ERR_PROTOCOL;
}
