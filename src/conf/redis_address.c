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

/* The place of an option's value; NULL: there is no such option here. Takes its name off. */
static const char **option_of(struct str *option, struct redis_address *ret)
{
	const struct {
		const char *name;
		const char **to;
		bool here;
	} all[] = {
		{ "sentinel_user=", &ret->sentinel_user, ret->sentinel_count },
		{ "sentinel_password=", &ret->sentinel_password, ret->sentinel_count },
		{ "ca_file=", &ret->tls.ca_file, ret->tls.on },
		{ "certificate_file=", &ret->tls.certificate_file, ret->tls.on },
		{ "key_file=", &ret->tls.key_file, ret->tls.on },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].here && str_cut_prefix(option, all[i].name))
			return all[i].to;
	return NULL;
}

static bool options_read(struct str s, struct arena *arena, struct redis_address *ret)
{
	while (s.p) {
		struct str option = str_split(&s, '&');
		const char **to = option_of(&option, ret);

		if (!to || !option.n || !(*to = decoded(option, arena)))
			return false;
	}
	return true;
}

static bool is_path(const char *file)
{
	return !file || *file == '/';
}

static bool files_are_valid(const struct redis_tls *t)
{
	return is_path(t->ca_file) && is_path(t->certificate_file) && is_path(t->key_file) &&
	       !t->certificate_file == !t->key_file;
}

static bool tcp_read(struct str s, struct arena *arena, struct redis_address *ret)
{
	/* A password may hold a question mark, too. */
	struct str all = s, begin = str_split(&all, '/');
	bool ok = credentials_read(&begin, arena, ret);
	struct str rest = { begin.p, s.n - (size_t)(begin.p - s.p) };
	struct str path = str_split(&rest, '?'), authority = str_split(&path, '/');

	return ok && place_read(authority, REDIS_PORT, arena, &ret->place) &&
	       (path.n == 0 || db_read(path, ret)) && options_read(rest, arena, ret) &&
	       files_are_valid(&ret->tls);
}

static bool sentinel_read(struct str s, struct arena *arena, struct redis_address *ret)
{
	struct str path = str_split(&s, '?'), hosts = str_split(&path, '/');
	struct str name = str_split(&path, '/');
	bool ok = credentials_read(&hosts, arena, ret) && sentinels_read(hosts, arena, ret) &&
		  name.n && (path.n == 0 || db_read(path, ret)) && options_read(s, arena, ret);

	if (ok)
		ret->master = decoded(name, arena);
	return ok && ret->master && (!ret->sentinel_user || ret->sentinel_password) &&
	       files_are_valid(&ret->tls);
}

/* Behind redis or rediss. */
static bool server_read(struct str s, struct arena *arena, struct redis_address *ret)
{
	return str_cut_prefix(&s, "://")            ? tcp_read(s, arena, ret)
	       : str_cut_prefix(&s, "+sentinel://") ? sentinel_read(s, arena, ret)
						    : false;
}

enum err redis_address_parse(const char *url, struct arena *arena, struct redis_address *ret)
{
	struct redis_address a = { 0 };
	struct str s = str_from(url);
	bool ok = str_cut_prefix(&s, "unix:") ? unix_read(s, arena, &a)
		  : (a.tls.on = str_cut_prefix(&s, "rediss")) || str_cut_prefix(&s, "redis")
			  ? server_read(s, arena, &a)
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
