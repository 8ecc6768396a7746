#define _GNU_SOURCE
#include "daemon/readiness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

#define READY "READY=1"

/* A path, or a name without a file, which begins with @. */
static bool address_of(const char *name, struct sockaddr_un *ret, socklen_t *ret_n)
{
	size_t n = strlen(name);

	if (n < 2 || n >= sizeof(ret->sun_path) || (*name != '/' && *name != '@'))
		return false;
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(ret->sun_path, name, n);
	if (*name == '@')
		ret->sun_path[0] = '\0';
	*ret_n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	return true;
}

void readiness_tell(void)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to;
	socklen_t n;
	int fd;

	if (!name || !address_of(name, &to, &n))
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, READY, strlen(READY), MSG_NOSIGNAL, (struct sockaddr *)&to, n) < 0)
		log_warn("systemd did not hear that this program is ready: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	unsetenv("NOTIFY_SOCKET");
}
