/* Where links in answers lead (accounts-api 1.9). */
#include "api_priv.h"

#include "resources/spaces/space.h"

/* The public address is the server's; while there is more than one space, each has a host of its own. */
static const char *public_address(struct ctx *c, const char *url)
{
	const struct space *space = c->caller->space;
	struct str rest = str_from(url);

	str_cut_prefix(&rest, "https://");
	if (!space || space_is_the_only_one(c->service))
		return url;
	size_t host = strcspn(rest.p, ":/");

	return arena_printf(c->arena, "https://%s%s", space->host, rest.p + host);
}

/* ":8443", as the client called it; empty when it said none. */
static struct str port_of(struct str authority)
{
	size_t n = authority.n;

	while (n && authority.p[n - 1] >= '0' && authority.p[n - 1] <= '9')
		n--;
	if (n == 0 || n == authority.n || authority.p[n - 1] != ':')
		return STR("");
	return (struct str){ authority.p + n - 1, authority.n - n + 1 };
}

const char *links_base(struct ctx *c)
{
	const struct request *r = c->request;
	const char *url = c->service->settings->public_url;

	if (*url)
		return public_address(c, url);
	struct str port = port_of(r->authority);

	return arena_printf(c->arena, "https://%s%.*s", r->host, (int)port.n, port.p);
}
