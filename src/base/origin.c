#define _GNU_SOURCE
#include "base/origin.h"

#include <string.h>

#define PORT_MAX 65535

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

struct parts {
	struct str scheme, host;
	uint64_t port; /* 0: none, and no default either */
};

/* Splits a port off the end of an authority; false when it is none. */
static bool read_port(struct str *authority, uint64_t *ret)
{
	size_t end = authority->n;

	while (end && authority->p[end - 1] >= '0' && authority->p[end - 1] <= '9')
		end--;
	if (end == 0 || authority->p[end - 1] != ':')
		return true;
	struct str digits = { authority->p + end, authority->n - end };

	authority->n = end - 1;
	return digits.n == 0 || (str_to_uint(digits, PORT_MAX, ret) && *ret > 0);
}

static struct str web_scheme(struct str scheme)
{
	if (str_case_is(scheme, "ws"))
		return STR("http");
	return str_case_is(scheme, "wss") ? STR("https") : scheme;
}

static bool read_parts(struct str scheme, struct str authority, struct parts *ret)
{
	scheme = web_scheme(scheme);
	*ret = (struct parts){ .scheme = scheme };
	if (str_case_is(scheme, "https"))
		ret->port = 443;
	else if (str_case_is(scheme, "http"))
		ret->port = 80;
	if (!read_port(&authority, &ret->port))
		return false;
	if (authority.n && authority.p[authority.n - 1] == '.')
		authority.n--;
	ret->host = authority;
	return true;
}

static bool split(struct str s, struct str *ret_scheme, struct str *ret_authority)
{
	const char *at = s.n ? memmem(s.p, s.n, "://", 3) : NULL;

	if (!at || at == s.p)
		return false;
	*ret_scheme = (struct str){ s.p, (size_t)(at - s.p) };
	*ret_authority = (struct str){ at + 3, s.n - ret_scheme->n - 3 };
	return true;
}

static bool parts_eq(const struct parts *a, const struct parts *b)
{
	return str_case_eq(a->scheme, b->scheme) && str_case_eq(a->host, b->host) &&
	       a->port == b->port;
}

bool origin_eq(struct str a, struct str b)
{
	struct parts x, y;
	struct str scheme, authority;

	if (!split(a, &scheme, &authority) || !read_parts(scheme, authority, &x))
		return str_eq(a, b);
	return split(b, &scheme, &authority) && read_parts(scheme, authority, &y) &&
	       parts_eq(&x, &y);
}

bool origin_is_own(struct str origin, struct str host, struct str scheme)
{
	struct parts own, other;
	struct str named, authority;

	return host.n > 0 && split(origin, &named, &authority) && read_parts(scheme, host, &own) &&
	       read_parts(named, authority, &other) && parts_eq(&own, &other);
}

/* Every page in a file, and every page that has no origin, sends these. */
static bool is_shared(struct str origin)
{
	return str_is(origin, "null") || origin_eq(origin, STR("file://"));
}

enum origin_listed origin_find(struct str origin, const char *list)
{
	enum origin_listed found = ORIGIN_NOT_LISTED;

	if (!origin.n)
		return found;
	while (*(list += strspn(list, ", \t"))) {
		struct str item = { list, strcspn(list, ", \t") };

		if (origin_eq(item, origin))
			return is_shared(origin) ? ORIGIN_LISTED : ORIGIN_LISTED_BY_NAME;
		if (str_is(item, "*"))
			found = ORIGIN_LISTED;
		list += item.n;
	}
	return found;
}

static bool is_host(struct str s)
{
	if (s.n > 3 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		return str_is_made_of((struct str){ s.p + 1, s.n - 2 }, DIGITS "abcdefABCDEF:.");
	return s.n > 0 && s.n < 254 && str_is_made_of(s, LETTERS DIGITS ".-_");
}

bool origin_is_valid(struct str s)
{
	struct parts parts;
	struct str scheme, authority;

	if (str_is(s, "null"))
		return true;
	if (!split(s, &scheme, &authority) || !str_is_made_of(scheme, LETTERS DIGITS "+.-"))
		return false;
	if (str_case_is(scheme, "file"))
		return authority.n == 0;
	return read_parts(scheme, authority, &parts) && is_host(parts.host);
}
