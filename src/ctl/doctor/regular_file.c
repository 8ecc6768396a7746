#define _GNU_SOURCE
#include "regular_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text_input.h"

static const char *read_open(int fd, struct buf *out)
{
	struct stat st;

	if (fstat(fd, &st))
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it is no regular file";
	if (text_input_read(fd, out))
		return NULL;
	return errno == EFBIG ? "it is too long" : strerror(errno);
}

const char *regular_file_read(const char *path, struct buf *out)
{
	/* Without waiting for what writes into a pipe. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *why;

	if (fd < 0)
		return strerror(errno);
	why = read_open(fd, out);
	close(fd);
	return why;
}
