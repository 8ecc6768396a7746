#include "base/str.h"

#include <strings.h>

bool str_case_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

bool str_case_is(struct str a, const char *s)
{
	return str_case_eq(a, str_from(s));
}

bool str_starts(struct str a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.n >= n && memcmp(a.p, prefix, n) == 0;
}

bool str_cut_prefix(struct str *s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (!str_starts(*s, prefix))
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

bool str_is_one_of(struct str s, const char *const *values)
{
	for (; *values; values++)
		if (str_is(s, *values))
			return true;
	return false;
}

bool str_is_made_of(struct str s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || !strchr(set, s.p[i]))
			return false;
	return true;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str a)
{
	while (a.n && is_space(a.p[0])) {
		a.p++;
		a.n--;
	}
	while (a.n && is_space(a.p[a.n - 1]))
		a.n--;
	return a;
}

struct str str_split(struct str *rest, char c)
{
	struct str head = *rest;
	const char *at = rest->n ? memchr(rest->p, c, rest->n) : NULL;

	if (!at) {
		*rest = (struct str){ NULL, 0 };
		return head;
	}
	head.n = (size_t)(at - head.p);
	rest->p = at + 1;
	rest->n -= head.n + 1;
	return head;
}

bool str_list_has(const char *list, struct str word)
{
	struct str rest = str_from(list);

	while (rest.n)
		if (str_eq(str_split(&rest, ','), word))
			return true;
	return false;
}

bool str_to_uint(struct str a, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (a.n == 0)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (a.p[i] < '0' || a.p[i] > '9')
			return false;
		uint64_t digit = (uint64_t)(a.p[i] - '0');

		if (digit > max || v > (max - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*ret = v;
	return true;
}

void str_lower(char *s)
{
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s + ('a' - 'A'));
}
