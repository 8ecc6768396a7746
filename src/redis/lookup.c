#define _GNU_SOURCE
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "redis_priv.h"

struct lookup {
	bool pending;
	char host[LOOKUP_HOST];
	struct gaicb request;
};

struct lookup *lookup_new(void)
{
	return mem_alloc(sizeof(struct lookup));
}

static bool is_numeric(const char *host)
{
	static const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found;

	if (getaddrinfo(host, NULL, &hints, &found) != 0)
		return false;
	freeaddrinfo(found);
	return true;
}

static bool is_over(struct lookup *l, int wait_ms)
{
	const struct timespec limit = { .tv_sec = wait_ms / 1000,
		.tv_nsec = wait_ms % 1000 * 1000000L };
	const struct gaicb *list[] = { &l->request };

	if (wait_ms && gai_error(&l->request) == EAI_INPROGRESS)
		gai_suspend(list, 1, &limit);
	return gai_error(&l->request) != EAI_INPROGRESS;
}

static bool begin(struct lookup *l, const char *host)
{
	snprintf(l->host, sizeof(l->host), "%s", host);
	l->request = (struct gaicb){ .ar_name = l->host };
	struct gaicb *list[] = { &l->request };
	l->pending = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL) == 0;
	return l->pending;
}

/* IPv4 first, where a name has both: what listens on one address usually means 127.0.0.1. */
static const struct addrinfo *preferred(const struct addrinfo *all)
{
	for (const struct addrinfo *a = all; a; a = a->ai_next)
		if (a->ai_family == AF_INET)
			return a;
	return all;
}

static void forget(struct lookup *l)
{
	l->pending = false;
	if (l->request.ar_result)
		freeaddrinfo(l->request.ar_result);
	l->request.ar_result = NULL;
}

static enum err take(struct lookup *l, char ret[LOOKUP_ADDRESS])
{
	const struct addrinfo *found = preferred(l->request.ar_result);
	bool ok = gai_error(&l->request) == 0 && found &&
		  getnameinfo(found->ai_addr, found->ai_addrlen, ret, LOOKUP_ADDRESS, NULL, 0,
			  NI_NUMERICHOST) == 0;

	forget(l);
	return ok ? ERR_OK : ERR_UNAVAILABLE;
}

enum err lookup_address(struct lookup *l, const char *host, int wait_ms, char ret[LOOKUP_ADDRESS])
{
	if (strlen(host) < LOOKUP_ADDRESS && is_numeric(host)) {
		snprintf(ret, LOOKUP_ADDRESS, "%s", host);
		return ERR_OK;
	}
	if (l->pending && strcmp(l->host, host) != 0 && is_over(l, wait_ms))
		forget(l);
	if (!l->pending && !begin(l, host))
		return ERR_UNAVAILABLE;
	return strcmp(l->host, host) == 0 && is_over(l, wait_ms) ? take(l, ret) : ERR_AGAIN;
}

void lookup_free(struct lookup **l)
{
	if (!*l)
		return;
	const struct gaicb *const list[] = { &(*l)->request };

	/* A request that is cancelled stays in progress for gai_error(). */
	if ((*l)->pending && gai_cancel(&(*l)->request) != EAI_CANCELED)
		while (gai_error(&(*l)->request) == EAI_INPROGRESS)
			gai_suspend(list, 1, NULL);
	forget(*l);
	free(*l);
	*l = NULL;
}
