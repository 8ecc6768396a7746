#include <regex.h>
#include <string.h>
#include <sys/un.h>

#include "base/clock.h"
#include "conf/redis_address.h"
#include "conf_priv.h"

#define PORT_MAX      65535
#define TEXT_ON_STACK 1024

/* Whether all characters are among those given. */
static bool is_made_of(struct str s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || !strchr(set, s.p[i]))
			return false;
	return true;
}

static bool is_host(struct str s)
{
	return s.n > 0 && s.n < 254 &&
	       is_made_of(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
}

static bool is_bracketed(struct str s)
{
	return s.n > 3 && s.p[0] == '[' && s.p[s.n - 1] == ']' &&
	       is_made_of((struct str){ s.p + 1, s.n - 2 }, "0123456789abcdefABCDEF:.");
}

bool authority_is_valid(struct str s, bool bare)
{
	size_t end = s.n;
	uint64_t port;

	while (end && s.p[end - 1] != ':' && s.p[end - 1] != ']')
		end--;
	if (end == 0 || s.p[end - 1] == ']')
		return bare && (is_host(s) || is_bracketed(s));
	struct str host = { s.p, end - 1 }, digits = { s.p + end, s.n - end };

	return (is_host(host) || is_bracketed(host)) && str_to_uint(digits, PORT_MAX, &port) &&
	       port > 0;
}

bool cut_prefix(struct str *s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (!str_starts(*s, prefix))
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

bool unix_path_is_valid(struct str s)
{
	return s.n > 1 && s.p[0] == '/' && s.n < sizeof(((struct sockaddr_un *)0)->sun_path);
}

bool listen_address_is_valid(struct str s)
{
	if (cut_prefix(&s, "unix:"))
		return unix_path_is_valid(s);
	return authority_is_valid(s, false);
}

static bool is_web_origin(struct str s, const char *scheme)
{
	return cut_prefix(&s, scheme) && authority_is_valid(s, true);
}

bool origin_is_valid(struct str s)
{
	return str_is(s, "*") || is_web_origin(s, "https://") || is_web_origin(s, "http://");
}

bool plain_origin_is_valid(struct str s)
{
	return !str_is(s, "*") && origin_is_valid(s);
}

bool date_is_valid(struct str s)
{
	char text[CLOCK_SQL_SIZE] = "0000-00-00 00:00:00";
	int64_t us;

	if (s.n != sizeof("2026-06-01") - 1)
		return false;
	memcpy(text, s.p, s.n);
	return clock_sql_parse(str_from(text), &us);
}

bool public_url_is_valid(struct str s)
{
	if (!cut_prefix(&s, "https://") || s.n == 0 || s.p[s.n - 1] == '/')
		return false;
	struct str path = s, authority = str_split(&path, '/');

	return authority_is_valid(authority, true) &&
	       is_made_of(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				"/._~-");
}

bool redis_address_is_valid(struct str s)
{
	struct arena *arena = arena_new(1024);
	struct redis_address address;
	enum err e = redis_address_parse(arena_strndup(arena, s.p, s.n), arena, &address);

	arena_free(&arena);
	return e == ERR_OK;
}

bool regex_is_valid(struct str s)
{
	char text[TEXT_ON_STACK];
	regex_t re;

	if (s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (regcomp(&re, text, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	regfree(&re);
	return true;
}

/* The alphabet of session ids is that of base64url (realtime: a sid begins with the relay's id). */
bool relay_id_is_valid(struct str s)
{
	return s.n == 2 &&
	       is_made_of(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
}
