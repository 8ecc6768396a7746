#include "provisioning_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define RC_FILE_MAX (64u << 10)
#define PLACE       "{domain}"

static const char *path_of(struct service *s, const char *domain)
{
	const char *path = s->settings->account_provisioning_rc_file, *at = strstr(path, PLACE);

	return at ? arena_printf(s->arena, "%.*s%s%s", (int)(at - path), path, domain,
			    at + strlen(PLACE))
		  : path;
}

/* -1, and errno says why. */
static ssize_t read_whole(int fd, char *out, size_t max)
{
	size_t n = 0;
	ssize_t got;

	while ((got = read(fd, out + n, max - n)) != 0) {
		if (got < 0 && errno != EINTR)
			return -1;
		n += got > 0 ? (size_t)got : 0;
		if (n == max) {
			errno = EFBIG;
			return -1;
		}
	}
	return (ssize_t)n;
}

/* A directory, a pipe or a device is no such file, and may not keep the worker waiting. */
static ssize_t read_file(const char *path, char *out, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), why;
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
		errno = EINVAL;
		n = -1;
	} else {
		n = read_whole(fd, out, max);
	}
	why = errno;
	close(fd);
	errno = why;
	return n;
}

enum err provisioning_rc_file(struct service *s, const char *domain, struct str *ret)
{
	*ret = STR("");
	if (!*s->settings->account_provisioning_rc_file)
		return ERR_OK;
	const char *path = path_of(s, domain);
	char *text = arena_alloc(s->arena, RC_FILE_MAX + 1);
	ssize_t n = read_file(path, text, RC_FILE_MAX + 1);

	if (n < 0 && errno == ENOENT)
		return ERR_OK;
	if (n < 0) {
		log_error("account_provisioning_rc_file %s: %s", path, strerror(errno));
		return ERR_UNAVAILABLE;
	}
	*ret = (struct str){ text, (size_t)n };
	return ERR_OK;
}
