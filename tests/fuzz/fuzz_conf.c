#define _GNU_SOURCE
#include "conf/conf.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

/* A file is right, or every complaint about it names the file. */
static void check_file(const char *path)
{
	char *said = NULL;
	size_t n = 0;
	FILE *err = open_memstream(&said, &n);
	enum err e = conf_check_file(path, NULL, err, NULL);

	fclose(err);
	require((e == ERR_OK) == (n == 0));
	require(!n || strstr(said, path));
	free(said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("conf", MFD_CLOEXEC);
	char path[64];

	require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check_file(path);
	close(fd);
	return 0;
}
