#define _GNU_SOURCE
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"

static void *checked(void *p, size_t n)
{
	if (!p)
		log_fatal("out of memory asking for %zu bytes", n);
	return p;
}

void *mem_alloc(size_t n)
{
	return checked(calloc(1, n ? n : 1), n);
}

void *mem_realloc(void *p, size_t n)
{
	return checked(realloc(p, n ? n : 1), n);
}

char *mem_strndup(const char *s, size_t n)
{
	char *copy = mem_alloc(n + 1);

	memcpy(copy, s, n);
	return copy;
}

void mem_wipe(void *p, size_t n)
{
	explicit_bzero(p, n);
}

void mem_forget(char **text)
{
	if (*text)
		mem_wipe(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

void mem_keep_private(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit) == 0) {
		limit.rlim_cur = 0;
		setrlimit(RLIMIT_CORE, &limit);
	}
}
