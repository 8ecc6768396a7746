#include "base/syntax.h"

#include <arpa/inet.h>
#include <string.h>

#define LOCAL_PART_MAX 64
#define LABEL_MAX      63
#define DOMAIN_MIN     4
#define DOMAIN_MAX     253
#define E164_MIN       7
#define E164_MAX       15

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 5322, 3.2.3: dot-atom-text. */
static bool is_dot_atom(struct str s)
{
	if (s.n == 0 || s.n > LOCAL_PART_MAX || s.p[0] == '.' || s.p[s.n - 1] == '.')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.' && s.p[i - 1] == '.')
			return false;
		if (s.p[i] != '.' && !is_alnum(s.p[i]) && !strchr("!#$%&'*+-/=?^_`{|}~", s.p[i]))
			return false;
	}
	return true;
}

static bool is_label(struct str s)
{
	if (s.n == 0 || s.n > LABEL_MAX || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && s.p[i] != '-')
			return false;
	return true;
}

/* Labels with dots between them, the last one of letters only. */
static bool is_host_name(struct str s)
{
	struct str label = { 0 };
	size_t labels = 0;

	if (s.n < DOMAIN_MIN || s.n > DOMAIN_MAX)
		return false;
	while (s.p) {
		label = str_split(&s, '.');
		if (!is_label(label))
			return false;
		labels++;
	}
	for (size_t i = 0; i < label.n; i++)
		if (label.p[i] >= '0' && label.p[i] <= '9')
			return false;
	return labels >= 2 && label.n >= 2;
}

const struct text *email_check(struct str s)
{
	struct str domain = s;
	struct str local = str_split(&domain, '@');

	return domain.p && is_dot_atom(local) && is_host_name(domain) ? NULL : &text_email;
}

bool phone_is_valid(struct str s)
{
	if (s.n < 1 + E164_MIN || s.n > 1 + E164_MAX || s.p[0] != '+' || s.p[1] == '0')
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

const struct text *address_check(struct str s)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (s.n >= sizeof(text) || memchr(s.p, '\0', s.n))
		return &text_format;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	bool is_one = inet_pton(AF_INET, text, &address) == 1 ||
		      (inet_pton(AF_INET6, text, &address) == 1 && !IN6_IS_ADDR_V4MAPPED(&address));

	return is_one ? NULL : &text_format;
}

static bool has_upper(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			return true;
	return false;
}

const struct text *lowercase_check(struct str s)
{
	return has_upper(s) ? &text_lowercase : NULL;
}

static const struct text *word_check(struct str s, const char *marks)
{
	if (has_upper(s))
		return &text_lowercase;
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && (s.p[i] == '\0' || !strchr(marks, s.p[i])))
			return &text_format;
	return NULL;
}

const struct text *key_check(struct str s)
{
	return word_check(s, "-_");
}

const struct text *pin_check(struct str s)
{
	return s.n == 4 && str_is_made_of(s, "0123456789") ? NULL : &text_format;
}

const struct text *code_check(struct str s)
{
	return word_check(s, "");
}

const struct text *domain_check(struct str s)
{
	return is_host_name(s) && !has_upper(s) ? NULL : &text_format;
}

const struct text *host_check(struct str s)
{
	if (s.n > DOMAIN_MAX || has_upper(s))
		return &text_format;
	while (s.p)
		if (!is_label(str_split(&s, '.')))
			return &text_format;
	return NULL;
}
