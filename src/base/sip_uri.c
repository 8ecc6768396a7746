#include "base/sip_uri.h"

#include <string.h>

#include "base/syntax.h"

#define ALNUM      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define UNRESERVED ALNUM "-_.!~*'()"
#define PORT_MAX   65535

static bool is_hex(char c)
{
	return c && strchr("0123456789ABCDEFabcdef", c);
}

/* Characters of the set, and any as %XX. */
static bool is_escaped(struct str s, const char *set)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%' && i + 2 < s.n && is_hex(s.p[i + 1]) && is_hex(s.p[i + 2]))
			i += 2;
		else if (s.p[i] == '\0' || !strchr(set, s.p[i]))
			return false;
	}
	return true;
}

static bool is_userinfo(struct str s)
{
	struct str password = s, user = str_split(&password, ':');

	return user.n && is_escaped(user, UNRESERVED "&=+$,;?/") &&
	       (!password.p || is_escaped(password, UNRESERVED "&=+$,"));
}

static bool is_name(struct str s)
{
	struct str label;

	if (s.n == 0)
		return false;
	if (s.p[s.n - 1] == '.')
		s.n--;
	while (s.p) {
		label = str_split(&s, '.');
		if (label.n == 0 || label.p[0] == '-' || label.p[label.n - 1] == '-' ||
			!str_is_made_of(label, ALNUM "-"))
			return false;
	}
	return true;
}

static bool is_port(struct str s)
{
	uint64_t port;

	return str_to_uint(s, PORT_MAX, &port) && port > 0;
}

static bool is_bracketed(struct str s)
{
	struct str port = s, address;

	port.p++;
	port.n--;
	address = str_split(&port, ']');
	if (!port.p || !memchr(address.p, ':', address.n) || address_check(address))
		return false;
	return port.n == 0 || (port.p[0] == ':' && is_port((struct str){ port.p + 1, port.n - 1 }));
}

static bool is_hostport(struct str s)
{
	struct str port = s, host;

	if (s.n && s.p[0] == '[')
		return is_bracketed(s);
	host = str_split(&port, ':');
	return is_name(host) && (!port.p || is_port(port));
}

/* name=value between the separators; a parameter may have no value. */
static bool are_pairs(struct str s, char separator, const char *set, bool value_needed)
{
	while (s.p) {
		struct str value = str_split(&s, separator), name = str_split(&value, '=');

		if (name.n == 0 || !is_escaped(name, set) || (!value.p && value_needed) ||
			(value.p && !is_escaped(value, set)) ||
			(value.p && !value_needed && value.n == 0))
			return false;
	}
	return true;
}

static bool is_behind_scheme(struct str s)
{
	struct str rest = s, userinfo = str_split(&rest, '@'), headers, params;

	if (rest.p && !is_userinfo(userinfo))
		return false;
	headers = rest.p ? rest : s;
	params = str_split(&headers, '?');
	struct str hostport = str_split(&params, ';');

	return is_hostport(hostport) && are_pairs(params, ';', UNRESERVED "[]/:&+$", false) &&
	       are_pairs(headers, '&', UNRESERVED "[]/?:+$", true);
}

const struct text *sip_uri_check(struct str s)
{
	struct str rest = s, scheme = str_split(&rest, ':');

	if (!rest.p || (!str_case_is(scheme, "sip") && !str_case_is(scheme, "sips")))
		return &text_format;
	return is_behind_scheme(rest) ? NULL : &text_format;
}
