#include "daemon/pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/log.h"

static bool write_pid(int fd)
{
	return ftruncate(fd, 0) == 0 && dprintf(fd, "%d\n", (int)getpid()) > 0;
}

enum err pid_file_init(struct pid_file *f, const char *path)
{
	enum err e;

	*f = (struct pid_file){ .path = path, .fd = -1 };
	if (!path || !*path)
		return ERR_OK;
	f->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (f->fd >= 0 && flock(f->fd, LOCK_EX | LOCK_NB) == 0 && write_pid(f->fd))
		return ERR_OK;
	e = errno == EWOULDBLOCK ? ERR_CONFLICT : ERR_UNAVAILABLE;
	log_error("pid file %s: %s", path,
		e == ERR_CONFLICT ? "another process is running: stop it, or name another file"
				  : strerror(errno));
	pid_file_leave(f);
	return e;
}

void pid_file_finish(struct pid_file *f)
{
	if (f->fd >= 0)
		unlink(f->path);
	pid_file_leave(f);
}

void pid_file_leave(struct pid_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}
