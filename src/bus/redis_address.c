#include "bus/redis_address.h"

#include <string.h>

#include "base/encode.h"
#include "base/str.h"

#define PORT_DEFAULT 6379
#define DB_MAX       65535

static bool cut_prefix(struct str *s, const char *prefix)
{
	if (!str_starts(*s, prefix))
		return false;
	s->p += strlen(prefix);
	s->n -= strlen(prefix);
	return true;
}

static bool number_read(struct str s, uint64_t max, int *ret)
{
	uint64_t v;

	if (!str_to_uint(s, max, &v))
		return false;
	*ret = (int)v;
	return true;
}

/* RFC 3986, 2.1. NULL when a percent sign is not followed by two digits, or hides a NUL. */
static const char *percent_decode(struct str s, struct arena *arena)
{
	char *out = arena_alloc(arena, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++, n++) {
		out[n] = s.p[i];
		if (s.p[i] != '%')
			continue;
		if (i + 2 >= s.n ||
			!hex_decode((uint8_t *)&out[n], 1, (struct str){ s.p + i + 1, 2 }) ||
			!out[n])
			return NULL;
		i += 2;
	}
	return out;
}

static bool unix_read(struct str s, struct arena *arena, struct redis_address *ret)
{
	struct str path = str_split(&s, '?');

	if (path.n < 2 || path.p[0] != '/')
		return false;
	ret->path = arena_strndup(arena, path.p, path.n);
	return !s.p || (cut_prefix(&s, "db=") && number_read(s, DB_MAX, &ret->db));
}

/* The last @ ends them: a password may hold one, though it should not. */
static bool credentials_read(struct str *s, struct arena *arena, struct redis_address *ret)
{
	size_t at = s->n;
	struct str user, password;

	while (at > 0 && s->p[at - 1] != '@')
		at--;
	if (at == 0)
		return true;
	password = (struct str){ s->p, at - 1 };
	*s = (struct str){ s->p + at, s->n - at };
	user = str_split(&password, ':');
	if (!password.p)
		return false;
	ret->password = percent_decode(password, arena);
	if (user.n)
		ret->user = percent_decode(user, arena);
	return ret->password && (!user.n || ret->user);
}

static bool host_read(struct str s, struct arena *arena, struct redis_address *ret)
{
	struct str host;

	if (cut_prefix(&s, "[")) {
		host = str_split(&s, ']');
		if (!s.p || (s.n && !cut_prefix(&s, ":")))
			return false;
	} else {
		host = str_split(&s, ':');
	}
	ret->host = arena_strndup(arena, host.p, host.n);
	return host.n && (s.n == 0 || number_read(s, 65535, &ret->port));
}

static bool tcp_read(struct str s, struct arena *arena, struct redis_address *ret)
{
	struct str authority = str_split(&s, '/');

	ret->port = PORT_DEFAULT;
	return credentials_read(&authority, arena, ret) && host_read(authority, arena, ret) &&
	       (s.n == 0 || number_read(s, DB_MAX, &ret->db));
}

enum err redis_address_parse(const char *url, struct arena *arena, struct redis_address *ret)
{
	struct redis_address a = { 0 };
	struct str s = str_from(url);
	bool ok = cut_prefix(&s, "unix:")      ? unix_read(s, arena, &a)
		  : cut_prefix(&s, "redis://") ? tcp_read(s, arena, &a)
					       : false;

	if (!ok)
		return ERR_INVALID;
	*ret = a;
	return ERR_OK;
}
