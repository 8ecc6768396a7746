/*
 * Several hosts in a connection string.  libpq tries one after the other by itself, but where it does not block it
 * knows no time for each: one that is silent would have all of an attempt, and all of the next one.  So an attempt that
 * has run out of time is followed by one that begins with the next host.
 */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pg_priv.h"

static const char *const names[HOSTS_LISTS] = { "host", "hostaddr", "port" };

static size_t list_size(const char *list)
{
	size_t n = 1;

	for (const char *c = list; *c; c++)
		n += *c == ',';
	return n;
}

static char *copy(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(mem_alloc(n), s, n);
}

static void take(struct hosts *h, const PQconninfoOption *option)
{
	for (size_t i = 0; i < HOSTS_LISTS; i++) {
		if (!option->val || !*option->val || strcmp(option->keyword, names[i]) != 0)
			continue;
		h->given[i] = copy(option->val);
		if (list_size(option->val) > h->count)
			h->count = list_size(option->val);
	}
}

void hosts_init(struct hosts *h, const char *conninfo)
{
	PQconninfoOption *options = PQconninfoParse(conninfo, NULL);

	*h = (struct hosts){ .count = 1 };
	for (const PQconninfoOption *o = options; o && o->keyword; o++)
		take(h, o);
	PQconninfoFree(options);
}

void hosts_finish(struct hosts *h)
{
	for (size_t i = 0; i < HOSTS_LISTS; i++) {
		free(h->given[i]);
		free(h->turned[i]);
	}
}

/* The list from its nth member on, then those before.  One that is shorter is the same for all. */
static char *turn(const char *list, size_t n, size_t count)
{
	char *turned = copy(list);
	const char *rest = list;

	if (n == 0 || list_size(list) != count)
		return turned;
	for (size_t i = 0; i < n; i++)
		rest = strchr(rest, ',') + 1;
	size_t tail = strlen(rest), head = (size_t)(rest - list) - 1;

	memcpy(turned, rest, tail);
	turned[tail] = ',';
	memcpy(turned + tail + 1, list, head);
	return turned;
}

size_t hosts_put(struct hosts *h, const char **keys, const char **values)
{
	size_t n = 0;

	for (size_t i = 0; i < HOSTS_LISTS && h->count > 1; i++) {
		if (!h->given[i])
			continue;
		free(h->turned[i]);
		h->turned[i] = turn(h->given[i], h->first, h->count);
		keys[n] = names[i];
		values[n++] = h->turned[i];
	}
	return n;
}

void hosts_next(struct hosts *h)
{
	h->first = (h->first + 1) % h->count;
}
