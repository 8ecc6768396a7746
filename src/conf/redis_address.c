#include "conf/redis_address.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "base/log.h"
#include "base/text_input.h"
#include "address.h"

#define REDIS_PORT    6379
#define SENTINEL_PORT 26379
#define DB_MAX        1023

/* NULL when a percent sign is not followed by two digits, or hides a NUL. */
static const char *decoded(struct str s, struct arena *arena)
{
	char *out = arena_alloc(arena, s.n + 1);
	size_t n;

	return percent_decode(out, s.n + 1, s, 0, &n) && strlen(out) == n ? out : NULL;
}

static bool db_read(struct str s, struct redis_address *ret)
{
	uint64_t v;

	if (!str_to_uint(s, DB_MAX, &v))
		return false;
	ret->db = (int)v;
	return true;
}

static bool unix_read(struct str s, struct arena *arena, struct redis_address *ret)
{
	struct str path = str_split(&s, '?');

	if (str_starts(path, "///"))
		str_cut_prefix(&path, "//");
	if (!unix_path_is_valid(path))
		return false;
	ret->path = arena_strndup(arena, path.p, path.n);
	return !s.p || (str_cut_prefix(&s, "db=") && db_read(s, ret));
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
	ret->password = decoded(password, arena);
	if (user.n)
		ret->user = decoded(user, arena);
	return ret->password && (!user.n || ret->user);
}

static bool place_read(struct str s, int port, struct arena *arena, struct redis_place *ret)
{
	struct str host;
	uint64_t given = (uint64_t)port;

	if (!authority_is_valid(s, true))
		return false;
	host = str_split(&s, str_cut_prefix(&s, "[") ? ']' : ':');
	str_cut_prefix(&s, ":");
	if (s.n && !str_to_uint(s, UINT16_MAX, &given))
		return false;
	*ret = (struct redis_place){ arena_strndup(arena, host.p, host.n), (int)given };
	return true;
}

static bool tcp_read(struct str s, struct arena *arena, struct redis_address *ret)
{
	struct str authority = str_split(&s, '/');

	return credentials_read(&authority, arena, ret) &&
	       place_read(authority, REDIS_PORT, arena, &ret->place) &&
	       (s.n == 0 || db_read(s, ret));
}

static bool sentinels_read(struct str list, struct arena *arena, struct redis_address *ret)
{
	while (list.p) {
		if (ret->sentinel_count == REDIS_SENTINELS_MAX ||
			!place_read(str_split(&list, ','), SENTINEL_PORT, arena,
				&ret->sentinels[ret->sentinel_count]))
			return false;
		ret->sentinel_count++;
	}
	return true;
}

static bool option_read(struct str option, struct arena *arena, struct redis_address *ret)
{
	const char **to = str_cut_prefix(&option, "sentinel_user=")       ? &ret->sentinel_user
			  : str_cut_prefix(&option, "sentinel_password=") ? &ret->sentinel_password
									  : NULL;

	if (!to || !option.n)
		return false;
	*to = decoded(option, arena);
	return *to;
}

static bool sentinel_read(struct str s, struct arena *arena, struct redis_address *ret)
{
	struct str path = str_split(&s, '?'), hosts = str_split(&path, '/');
	struct str name = str_split(&path, '/');
	bool ok = credentials_read(&hosts, arena, ret) && sentinels_read(hosts, arena, ret) &&
		  name.n && (path.n == 0 || db_read(path, ret));

	while (ok && s.p)
		ok = option_read(str_split(&s, '&'), arena, ret);
	if (ok)
		ret->master = decoded(name, arena);
	return ok && ret->master && (!ret->sentinel_user || ret->sentinel_password);
}

enum err redis_address_parse(const char *url, struct arena *arena, struct redis_address *ret)
{
	struct redis_address a = { 0 };
	struct str s = str_from(url);
	bool ok = str_cut_prefix(&s, "unix:")               ? unix_read(s, arena, &a)
		  : str_cut_prefix(&s, "redis://")          ? tcp_read(s, arena, &a)
		  : str_cut_prefix(&s, "redis+sentinel://") ? sentinel_read(s, arena, &a)
							    : false;

	if (!ok)
		return ERR_INVALID;
	*ret = a;
	return ERR_OK;
}

static enum err password_read(const char *path, struct arena *arena, const char **ret)
{
	if (text_input_first_line(path, arena, ret))
		return ERR_OK;
	log_error("redis_password_file %s: %s", path, errno ? strerror(errno) : "is empty");
	return ERR_UNAVAILABLE;
}

enum err redis_address_as(const char *url, const struct redis_login *login, struct arena *arena,
	struct redis_address *ret)
{
	enum err e = redis_address_parse(url, arena, ret);

	if (e != ERR_OK || ret->password || (!*login->password && !*login->password_file))
		return e;
	ret->user = *login->user ? login->user : NULL;
	ret->password = login->password;
	return *login->password_file ? password_read(login->password_file, arena, &ret->password)
				     : ERR_OK;
}
