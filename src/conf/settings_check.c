#include <regex.h>
#include <string.h>
#include <sys/un.h>

#include "base/clock.h"
#include "conf_priv.h"

#define PORT_MAX      65535
#define REDIS_DB_MAX  1023
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

/* host:port or [v6]:port; the port may be left out where `bare`. */
static bool is_authority(struct str s, bool bare)
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

static bool cut_prefix(struct str *s, const char *prefix)
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
	return is_authority(s, false);
}

static bool is_web_origin(struct str s, const char *scheme)
{
	return cut_prefix(&s, scheme) && is_authority(s, true);
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

	return is_authority(authority, true) &&
	       is_made_of(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				"/._~-");
}

static bool is_redis_db(struct str s)
{
	uint64_t db;

	return str_to_uint(s, REDIS_DB_MAX, &db);
}

static bool is_redis_unix(struct str s)
{
	struct str path = str_split(&s, '?');

	return unix_path_is_valid(path) && (!s.p || (cut_prefix(&s, "db=") && is_redis_db(s)));
}

/* Cuts "user:password@"; the password may hold an @. False when there is no colon in it. */
static bool cut_credentials(struct str *s)
{
	size_t n = s->n;

	while (n && s->p[n - 1] != '@')
		n--;
	if (n && !memchr(s->p, ':', n))
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

bool redis_address_is_valid(struct str s)
{
	if (cut_prefix(&s, "unix:"))
		return is_redis_unix(s);
	if (!cut_prefix(&s, "redis://"))
		return false;
	if (!cut_credentials(&s))
		return false;
	struct str db = s, authority = str_split(&db, '/');

	return is_authority(authority, true) && (db.n == 0 || is_redis_db(db));
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
