#include "http/header.h"

#include <stddef.h>
#include <string.h>

#include "base/utf8.h"

#define LANGUAGES_ASKED 32 /* ranges of a header that are looked at */

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

static bool is_token_char(char c)
{
	return c > ' ' && c < 0x7f && !strchr("\"(),/:;<=>?@[\\]{}", c);
}

bool header_cookie(struct str header, const char *name, struct str *ret)
{
	while (header.n) {
		struct str value = str_split(&header, ';');
		struct str found = str_trim(str_split(&value, '='));

		if (!value.p || !str_is(found, name))
			continue;
		value = str_trim(value);
		if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
			value = (struct str){ value.p + 1, value.n - 2 };
		*ret = value;
		return true;
	}
	return false;
}

bool header_authorization(struct str header, struct str *ret_scheme, struct str *ret_rest)
{
	struct str s = str_trim(header), scheme = { s.p, 0 };

	while (scheme.n < s.n && is_token_char(s.p[scheme.n]))
		scheme.n++;
	if (scheme.n == 0 || (scheme.n < s.n && !is_space(s.p[scheme.n])))
		return false;
	*ret_scheme = scheme;
	*ret_rest = str_trim((struct str){ s.p + scheme.n, s.n - scheme.n });
	return true;
}

/* What is left of a list of name=value. */
struct cursor {
	const char *p, *end;
	struct arena *arena;
};

static void skip_space(struct cursor *c)
{
	while (c->p < c->end && is_space(*c->p))
		c->p++;
}

static bool take(struct cursor *c, char want)
{
	skip_space(c);
	if (c->p == c->end || *c->p != want)
		return false;
	c->p++;
	return true;
}

static struct str take_token(struct cursor *c)
{
	struct str s = { c->p, 0 };

	while (c->p < c->end && is_token_char(*c->p))
		c->p++;
	s.n = (size_t)(c->p - s.p);
	return s;
}

/* Behind the opening quote; NULL when the closing one is missing. */
static const char *take_quoted(struct cursor *c)
{
	char *text = arena_alloc(c->arena, (size_t)(c->end - c->p) + 1);
	size_t n = 0;

	while (c->p < c->end && *c->p != '"') {
		if (*c->p == '\\' && ++c->p == c->end)
			return NULL;
		if (is_control(*c->p))
			return NULL;
		text[n++] = *c->p++;
	}
	if (c->p == c->end)
		return NULL;
	c->p++;
	return text;
}

static const char *take_bare(struct cursor *c)
{
	const char *from = c->p;

	while (c->p < c->end && !is_space(*c->p) && !strchr(",\"", *c->p) && !is_control(*c->p))
		c->p++;
	return c->p > from ? arena_strndup(c->arena, from, (size_t)(c->p - from)) : NULL;
}

static const char *take_value(struct cursor *c)
{
	if (take(c, '"'))
		return take_quoted(c);
	return take_bare(c);
}

#define DIGEST_MEMBER(m)                                   \
	{                                                  \
#m, offsetof(struct digest_credentials, m) \
	}

/* Where the value of that name goes; NULL for a name we do not use. */
static const char **digest_member(struct digest_credentials *d, struct str name)
{
	static const struct {
		const char *name;
		size_t offset;
	} members[] = {
		DIGEST_MEMBER(realm),
		DIGEST_MEMBER(username),
		DIGEST_MEMBER(nonce),
		DIGEST_MEMBER(uri),
		DIGEST_MEMBER(nc),
		DIGEST_MEMBER(cnonce),
		DIGEST_MEMBER(qop),
		DIGEST_MEMBER(response),
		DIGEST_MEMBER(opaque),
		DIGEST_MEMBER(algorithm),
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (str_case_is(name, members[i].name))
			return (const char **)(void *)((char *)d + members[i].offset);
	return NULL;
}

static bool take_pair(struct cursor *c, struct digest_credentials *d)
{
	struct str name = take_token(c);

	if (name.n == 0 || !take(c, '='))
		return false;
	const char *value = take_value(c), **member = digest_member(d, name);

	if (!value)
		return false;
	if (!member)
		return true;
	if (*member)
		return false;
	*member = value;
	return true;
}

enum err header_digest(struct arena *a, struct str s, struct digest_credentials *ret)
{
	struct cursor c = { s.p, s.p + s.n, a };
	struct digest_credentials d = { 0 };

	if (!utf8_is_valid(s.p, s.n))
		return ERR_BAD_REQUEST;
	do {
		skip_space(&c);
		if (!take_pair(&c, &d))
			return ERR_BAD_REQUEST;
	} while (take(&c, ','));
	if (c.p != c.end)
		return ERR_BAD_REQUEST;
	*ret = d;
	return ERR_OK;
}

static bool is_json(struct str type)
{
	const size_t n = strlen("+json");

	if (str_case_is(type, "application/json"))
		return true;
	return type.n > n && memchr(type.p, '/', type.n) &&
	       str_case_is((struct str){ type.p + type.n - n, n }, "+json");
}

enum media header_media(struct str content_type)
{
	struct str type = str_trim(str_split(&content_type, ';'));

	if (type.n == 0)
		return MEDIA_NONE;
	if (is_json(type))
		return MEDIA_JSON;
	if (str_case_is(type, "application/x-www-form-urlencoded"))
		return MEDIA_FORM;
	return str_case_is(type, "multipart/form-data") ? MEDIA_MULTIPART : MEDIA_OTHER;
}

/* A qvalue in thousandths (RFC 9110, 12.4.2); 0 when it is none. */
static int quality(struct str s)
{
	int q, weight = 100;

	if (s.n == 0 || s.n > 5 || (s.p[0] != '0' && s.p[0] != '1') || (s.n > 1 && s.p[1] != '.'))
		return 0;
	q = (s.p[0] - '0') * 1000;
	for (size_t i = 2; i < s.n; i++, weight /= 10) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return 0;
		q += (s.p[i] - '0') * weight;
	}
	return q <= 1000 ? q : 0;
}

int header_quality(struct str parameters)
{
	while (parameters.n) {
		struct str value = str_split(&parameters, ';');
		struct str name = str_trim(str_split(&value, '='));

		if (str_case_is(name, "q"))
			return quality(str_trim(value));
	}
	return 1000;
}

enum language language_choose(struct str accept_language)
{
	enum language best = LANGUAGE_EN;
	int best_q = 0;

	for (int i = 0; i < LANGUAGES_ASKED && accept_language.n; i++) {
		struct str item = str_split(&accept_language, ',');
		struct str range = str_trim(str_split(&item, ';'));
		int q = header_quality(item);
		enum language lang = str_is(range, "*") ? LANGUAGE_EN : language_find(range);

		if (lang == LANGUAGE_COUNT || q <= best_q)
			continue;
		best = lang;
		best_q = q;
	}
	return best;
}

bool header_accepts(struct str accept, const char *type)
{
	while (accept.n) {
		struct str parameters = str_split(&accept, ',');
		struct str range = str_trim(str_split(&parameters, ';'));

		if (str_case_is(range, type))
			return header_quality(parameters) > 0;
	}
	return false;
}
