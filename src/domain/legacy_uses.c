#include "domain/legacy_uses.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/legacy_store.h"

#define USES_MAX   256
#define TEXT_MAX   256
#define NAME_MAX   64
#define UTF8_CONT  0xc0 /* the two high bits of a continuation byte are 10 */
#define UTF8_START 0x80

struct legacy_uses {
	size_t n;
	char *domains[USES_MAX], *usernames[USES_MAX], *user_agents[USES_MAX];
	int64_t counts[USES_MAX];
};

struct legacy_uses *legacy_uses_new(void)
{
	return mem_alloc(sizeof(struct legacy_uses));
}

static void forget(struct legacy_uses *u)
{
	for (size_t i = 0; i < u->n; i++) {
		free(u->domains[i]);
		free(u->usernames[i]);
		free(u->user_agents[i]);
	}
	u->n = 0;
}

void legacy_uses_free(struct legacy_uses **u)
{
	if (!*u)
		return;
	forget(*u);
	free(*u);
	*u = NULL;
}

/* No more than max bytes, whole characters. */
static struct str cut(struct str s, size_t max)
{
	if (s.n <= max)
		return s;
	s.n = max;
	while (s.n && ((unsigned char)s.p[s.n] & UTF8_CONT) == UTF8_START)
		s.n--;
	return s;
}

void legacy_uses_add(
	struct legacy_uses *u, const char *domain, struct str username, struct str user_agent)
{
	username = cut(username, NAME_MAX);
	user_agent = cut(user_agent, TEXT_MAX);
	for (size_t i = 0; i < u->n; i++)
		if (str_is(username, u->usernames[i]) && str_is(user_agent, u->user_agents[i]) &&
			strcmp(domain, u->domains[i]) == 0) {
			u->counts[i]++;
			return;
		}
	if (u->n == USES_MAX)
		return;
	u->domains[u->n] = mem_strndup(domain, strlen(domain));
	u->usernames[u->n] = mem_strndup(username.p, username.n);
	u->user_agents[u->n] = mem_strndup(user_agent.p, user_agent.n);
	u->counts[u->n++] = 1;
}

void legacy_uses_flush(struct service *s)
{
	struct legacy_uses *u = s->legacy_uses;

	if (u->n == 0)
		return;
	enum err e = legacy_store_count_uses(
		s, &(struct legacy_use_batch){ .domains = (const char *const *)u->domains,
			   .usernames = (const char *const *)u->usernames,
			   .user_agents = (const char *const *)u->user_agents,
			   .counts = u->counts,
			   .n = u->n });

	if (e == ERR_OK)
		forget(u);
	else if (e != ERR_UNAVAILABLE)
		log_warn("%zu uses of old paths are not counted yet: %s", u->n, err_name(e));
}
