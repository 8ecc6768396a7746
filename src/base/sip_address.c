#include "base/sip_address.h"

#include <string.h>

#include "base/encode.h"
#include "base/nfc.h"

const char *sip_domain(struct arena *a, struct str domain)
{
	char *lower = arena_strndup(a, domain.p, domain.n);

	str_lower(lower);
	return lower;
}

struct sip_address sip_address_from_name(struct arena *a, struct str name)
{
	const struct str typed = nfc_text(a, name, NULL);
	char *user = arena_strndup(a, typed.p, typed.n), *at;

	str_lower(user);
	at = strrchr(user, '@');
	if (!at)
		return (struct sip_address){ user, NULL };
	*at = '\0';
	return (struct sip_address){ user, at + 1 };
}

bool sip_address_is(const struct sip_address *address, const char *user, const char *domain)
{
	return strcmp(address->user, user) == 0 &&
	       (!address->domain || strcmp(address->domain, domain) == 0);
}

/* Behind a display name in quotes, which may hold anything. */
static struct str skip_display_name(struct str s)
{
	size_t i = 1;

	if (s.n == 0 || s.p[0] != '"')
		return s;
	while (i < s.n && s.p[i] != '"')
		i += s.p[i] == '\\' ? 2 : 1;
	return i < s.n ? (struct str){ s.p + i, s.n - i } : (struct str){ "", 0 };
}

/* What stands between < and >, or everything when there are none. */
static struct str inside_brackets(struct str s)
{
	struct str rest = skip_display_name(s);
	const bool quoted = rest.p != s.p;

	str_split(&rest, '<');
	if (!rest.p)
		return quoted ? (struct str){ "", 0 } : s;
	struct str inside = str_split(&rest, '>');

	return rest.p ? inside : (struct str){ "", 0 };
}

static bool strip_scheme(struct str *s)
{
	struct str rest = *s, scheme = str_split(&rest, ':');

	if (!rest.p || (!str_case_is(scheme, "sip") && !str_case_is(scheme, "sips")))
		return false;
	*s = rest;
	return true;
}

struct sip_address sip_address_from_uri(struct arena *a, struct str uri)
{
	struct str user;

	strip_scheme(&uri);
	user = str_split(&uri, '@');
	return (struct sip_address){ nfc_text(a, user, NULL).p, uri.p ? sip_domain(a, uri) : NULL };
}

static bool is_clean(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return false;
	return s.n > 0;
}

/* Without the port, which is no part of a name. */
static struct str strip_port(struct str domain)
{
	size_t n = domain.n;

	while (n && domain.p[n - 1] >= '0' && domain.p[n - 1] <= '9')
		n--;
	if (n && n < domain.n && domain.p[n - 1] == ':')
		domain.n = n - 1;
	return domain;
}

static bool is_domain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i], lower = (char)(c | 0x20);

		if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') &&
			!strchr("-._:[]", c))
			return false;
	}
	return s.n > 0;
}

/* Decoded as a whole or each part by itself. Some clients encode all of it, '@' and ':' too. */
static bool cut_encoded(struct arena *a, struct str s, struct str *ret_user, struct str *ret_domain)
{
	bool whole = s.n && !memchr(s.p, '@', s.n);

	if (whole && !percent_decode_text(a, s, 0, &s))
		return false;
	if (!strip_scheme(&s))
		return false;
	*ret_user = str_split(&s, '@');
	*ret_domain = s;
	if (!s.p || whole)
		return s.p;
	return percent_decode_text(a, *ret_user, 0, ret_user) &&
	       percent_decode_text(a, *ret_domain, 0, ret_domain);
}

bool sip_address_from_header(struct arena *a, struct str header, struct sip_address *ret)
{
	struct str s = inside_brackets(str_trim(header)), user, domain;

	if (!cut_encoded(a, str_trim(str_split(&s, ';')), &user, &domain))
		return false;
	domain = strip_port(domain);
	if (!is_clean(user) || !is_domain(domain))
		return false;
	ret->user = nfc_text(a, user, NULL).p;
	ret->domain = sip_domain(a, domain);
	return true;
}
