/* Where links in answers lead (accounts-api 1.9). */
#include "api_priv.h"

#include "resources/spaces/space.h"

/* What the public address says behind "https://". It is the server's: while there is more than one space,
 * each has a host of its own. */
static struct str public_authority(const struct ctx *c)
{
	struct str rest = str_from(c->service->settings->public_url);

	str_cut_prefix(&rest, "https://");
	return rest;
}

/* Of "host:8443/path" and "[2001:db8::1]:8443/path". */
static size_t host_length(const char *authority)
{
	return *authority == '[' ? strcspn(authority, "]") + 1 : strcspn(authority, ":/");
}

static struct str public_host(const struct ctx *c)
{
	const struct space *space = c->caller->space;
	struct str rest = public_authority(c);

	if (rest.n && (!space || space_is_the_only_one(c->service)))
		return (struct str){ rest.p, host_length(rest.p) };
	return str_from(space ? space->host : c->request->host);
}

const char *links_host(struct ctx *c)
{
	struct str host = public_host(c);

	return arena_strndup(c->arena, host.p, host.n);
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

const char *links_site(struct ctx *c)
{
	struct str rest = public_authority(c);

	return arena_printf(c->arena, "https://%s%s", links_host(c),
		rest.n ? rest.p + host_length(rest.p) : "");
}

const char *links_base(struct ctx *c)
{
	const struct request *r = c->request;
	struct str port = port_of(r->authority);

	if (public_authority(c).n)
		return links_site(c);
	return arena_printf(c->arena, "https://%s%.*s", r->host, (int)port.n, port.p);
}
