#include <ctype.h>
#include <libpq-fe.h>
#include <limits.h>
#include <regex.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "address.h"
#include "base/ip_network.h"
#include "base/mem.h"
#include "base/origin.h"
#include "base/syntax.h"
#include "conf/redis_address.h"
#include "conf_priv.h"

#define TEXT_ON_STACK 1024

/* As libpq reads it. What libpq finds wrong may quote a part of a password, so it is not repeated. */
bool conninfo_is_valid(struct str s)
{
	char text[SETTING_TEXT_MAX + 1], *why = NULL;
	PQconninfoOption *options;

	if (s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	options = PQconninfoParse(text, &why);
	mem_wipe(text, sizeof(text));
	PQfreemem(why);
	PQconninfoFree(options);
	return options != NULL;
}

bool listen_address_is_valid(struct str s)
{
	if (str_cut_prefix(&s, "unix:"))
		return unix_path_is_valid(s);
	return authority_is_valid(s, false);
}

bool mail_address_is_valid(struct str s)
{
	return !email_check(s);
}

bool listed_origin_is_valid(struct str s)
{
	return str_is(s, "*") || origin_is_valid(s);
}

bool listed_place_is_valid(struct str s)
{
	struct ip_network n;

	return ip_network_parse(s, &n) || host_check(s) == NULL;
}

bool header_name_is_valid(struct str s)
{
	return s.n > 0 &&
	       str_is_made_of(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
}

#define LETTERS_DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static bool is_place(struct str s)
{
	struct str path = s, authority = str_split(&path, '/');

	return s.n && s.p[s.n - 1] != '/' && authority_is_valid(authority, true) &&
	       str_is_made_of(path, LETTERS_DIGITS "/._~-");
}

bool public_url_is_valid(struct str s)
{
	return str_cut_prefix(&s, "https://") && is_place(s);
}

bool base_url_is_valid(struct str s)
{
	return (str_cut_prefix(&s, "https://") || str_cut_prefix(&s, "http://")) && is_place(s);
}

bool url_with_gaps_is_valid(struct str s)
{
	if (!str_cut_prefix(&s, "https://") && !str_cut_prefix(&s, "http://"))
		return false;
	struct str path = s, authority = str_split(&path, '/');

	return authority_is_valid(authority, true) &&
	       str_is_made_of(path, LETTERS_DIGITS "/._~-?=&%+,:;@!$'()*{}");
}

bool word_is_valid(struct str s)
{
	return str_is_made_of(s, LETTERS_DIGITS);
}

/* Without a user: passwords stand in no URL. */
bool rpc_url_is_valid(struct str s)
{
	if (!str_cut_prefix(&s, "http://") && !str_cut_prefix(&s, "https://"))
		return false;
	struct str path = s, authority = str_split(&path, '/');

	return authority_is_valid(authority, true) &&
	       (!path.p ||
		       str_is_made_of(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					    "0123456789/._~-"));
}

#define ZONES "/usr/share/zoneinfo/"

static bool is_file(const char *path)
{
	struct stat found;

	return stat(path, &found) == 0 && S_ISREG(found.st_mode);
}

bool time_zone_is_valid(struct str s)
{
	char path[128];

	for (size_t i = 0; i < s.n; i++)
		if (!isalnum((unsigned char)s.p[i]) && !strchr("/_+-", s.p[i]))
			return false;
	if (s.p[0] == '/' || !is_file(ZONES "UTC"))
		return s.p[0] != '/';
	return snprintf(path, sizeof(path), ZONES "%.*s", (int)s.n, s.p) < (int)sizeof(path) &&
	       is_file(path);
}

bool turn_host_is_valid(struct str s)
{
	return authority_is_valid(s, true);
}

bool redis_address_is_valid(struct str s)
{
	struct arena *arena = arena_new(1024);
	struct redis_address address;
	enum err e = redis_address_parse(arena_strndup(arena, s.p, s.n), arena, &address);

	arena_free(&arena);
	return e == ERR_OK;
}

/* What takes longer than the text is long to match: names are given by strangers. */
static bool refers_back(struct str s)
{
	for (size_t i = 0; i + 1 < s.n; i++) {
		if (s.p[i] != '\\')
			continue;
		i++;
		if (s.p[i] >= '1' && s.p[i] <= '9')
			return true;
	}
	return false;
}

bool listed_expression_is_valid(struct str s)
{
	return !refers_back(s);
}

bool regex_is_valid(struct str s)
{
	char text[TEXT_ON_STACK];
	regex_t re;

	if (s.n >= sizeof(text) || refers_back(s))
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
	       str_is_made_of(
		       s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
}

bool password_list_is_valid(struct str s)
{
	char path[PATH_MAX];

	if (s.n == 0 || str_is(s, PASSWORD_LIST_PACKAGED))
		return true;
	if (s.p[0] != '/' || s.n >= sizeof(path))
		return false;
	memcpy(path, s.p, s.n);
	path[s.n] = '\0';
	return access(path, R_OK) == 0;
}
