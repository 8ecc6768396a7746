#include "http/json_scan.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum expect { EXPECT_VALUE, EXPECT_VALUE_OR_END, EXPECT_NAME, EXPECT_NAME_OR_END, EXPECT_NEXT };

struct scan {
	const char *p, *end;
	enum expect expect;
	size_t depth, nodes;
	char closer[JSON_DEPTH_MAX]; /* '}' or ']' for each open container */
	const char *reason;
};

static bool fault(struct scan *s, const char *reason)
{
	s->reason = reason;
	return false;
}

static bool unexpected(struct scan *s)
{
	return fault(s, s->p == s->end ? "unexpected end" : "unexpected character");
}

static bool at(const struct scan *s, char c)
{
	return s->p < s->end && *s->p == c;
}

static bool at_digit(const struct scan *s)
{
	return s->p < s->end && *s->p >= '0' && *s->p <= '9';
}

static void skip_space(struct scan *s)
{
	while (at(s, ' ') || at(s, '\n') || at(s, '\r') || at(s, '\t'))
		s->p++;
}

static bool scan_hex4(struct scan *s, unsigned *ret)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++, s->p++) {
		const char *digits = "0123456789abcdef0123456789ABCDEF";
		const char *d = s->p < s->end && *s->p ? strchr(digits, *s->p) : NULL;

		if (!d)
			return s->p == s->end ? unexpected(s) : fault(s, "invalid escape");
		v = v << 4 | ((unsigned)(d - digits) & 15);
	}
	*ret = v;
	return true;
}

/* Behind "\u": four digits, and the second half when they are the first of a pair (RFC 8259, 7). */
static bool scan_unicode(struct scan *s, bool is_name)
{
	unsigned high, low;

	if (!scan_hex4(s, &high))
		return false;
	if (high == 0 && is_name)
		return fault(s, "NUL in a name");
	if (high < 0xd800 || high > 0xdfff)
		return true;
	if (high > 0xdbff || s->end - s->p < 2 || memcmp(s->p, "\\u", 2) != 0)
		return fault(s, "lone surrogate");
	s->p += 2;
	if (!scan_hex4(s, &low))
		return false;
	return (low >= 0xdc00 && low <= 0xdfff) || fault(s, "lone surrogate");
}

static bool scan_escape(struct scan *s, bool is_name)
{
	if (s->p == s->end)
		return unexpected(s);
	char c = *s->p++;

	if (c == 'u')
		return scan_unicode(s, is_name);
	if (c != '\0' && strchr("\"\\/bfnrt", c))
		return true;
	s->p--;
	return fault(s, "invalid escape");
}

static bool scan_string(struct scan *s, bool is_name)
{
	const size_t max = is_name ? JSON_NAME_MAX : JSON_STRING_MAX;
	struct utf8 u = { 0 };
	const char *from = ++s->p;

	for (;; s->p++) {
		while (at(s, '\\')) {
			s->p++;
			if (!utf8_is_whole(&u))
				return fault(s, "invalid UTF-8");
			if (!scan_escape(s, is_name))
				return false;
		}
		if (s->p == s->end)
			return unexpected(s);
		if ((size_t)(s->p - from) > max)
			return fault(s, is_name ? "name too long" : "string too long");
		if (!utf8_feed(&u, s->p, 1))
			return fault(s, "invalid UTF-8");
		if ((unsigned char)*s->p < ' ')
			return fault(s, "control character in a string");
		if (*s->p == '"')
			break;
	}
	s->p++;
	return true;
}

static bool scan_digits(struct scan *s)
{
	if (!at_digit(s))
		return s->p == s->end ? unexpected(s) : fault(s, "invalid number");
	while (at_digit(s))
		s->p++;
	return true;
}

static bool number_fits(const char *text, bool is_integer)
{
	errno = 0;
	if (!is_integer)
		return isfinite(strtod(text, NULL));
	strtoll(text, NULL, 10);
	return errno == 0;
}

static bool check_range(struct scan *s, const char *from, bool is_integer)
{
	char text[JSON_NUMBER_MAX + 1];
	size_t n = (size_t)(s->p - from);

	if (n > JSON_NUMBER_MAX)
		return fault(s, "number too long");
	memcpy(text, from, n);
	text[n] = '\0';
	return number_fits(text, is_integer) || fault(s, "number out of range");
}

static bool scan_whole_part(struct scan *s)
{
	if (at(s, '-'))
		s->p++;
	if (!at(s, '0'))
		return scan_digits(s);
	s->p++;
	return !at_digit(s) || fault(s, "invalid number");
}

static bool scan_exponent(struct scan *s)
{
	s->p++;
	if (at(s, '+') || at(s, '-'))
		s->p++;
	return scan_digits(s);
}

static bool scan_number(struct scan *s)
{
	const char *from = s->p;
	bool is_integer = true;

	if (!scan_whole_part(s))
		return false;
	if (at(s, '.')) {
		is_integer = false;
		s->p++;
		if (!scan_digits(s))
			return false;
	}
	if (at(s, 'e') || at(s, 'E')) {
		is_integer = false;
		if (!scan_exponent(s))
			return false;
	}
	return check_range(s, from, is_integer);
}

static bool scan_word(struct scan *s, const char *word)
{
	for (; *word; word++, s->p++)
		if (!at(s, *word))
			return unexpected(s);
	return true;
}

static bool open_container(struct scan *s, char closer)
{
	if (s->depth == JSON_DEPTH_MAX)
		return fault(s, "too deep");
	s->closer[s->depth++] = closer;
	s->expect = closer == '}' ? EXPECT_NAME_OR_END : EXPECT_VALUE_OR_END;
	s->p++;
	return true;
}

static bool scan_scalar(struct scan *s)
{
	switch (*s->p) {
	case '"':
		return scan_string(s, false);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		return at(s, '-') || at_digit(s) ? scan_number(s) : unexpected(s);
	}
}

static bool scan_value(struct scan *s)
{
	if (s->p == s->end)
		return unexpected(s);
	if (++s->nodes > JSON_NODES_MAX)
		return fault(s, "too many values");
	s->expect = EXPECT_NEXT;
	if (at(s, '{'))
		return open_container(s, '}');
	if (at(s, '['))
		return open_container(s, ']');
	return scan_scalar(s);
}

static bool scan_name(struct scan *s)
{
	if (!at(s, '"'))
		return unexpected(s);
	if (!scan_string(s, true))
		return false;
	skip_space(s);
	if (!at(s, ':'))
		return unexpected(s);
	s->p++;
	s->expect = EXPECT_VALUE;
	return true;
}

static bool close_container(struct scan *s)
{
	s->p++;
	s->depth--;
	s->expect = EXPECT_NEXT;
	return true;
}

/* Behind a value: the end of its container, or a comma and one more. */
static bool scan_next(struct scan *s)
{
	char closer = s->closer[s->depth - 1];

	if (at(s, closer))
		return close_container(s);
	if (!at(s, ','))
		return unexpected(s);
	s->p++;
	skip_space(s);
	if (at(s, closer))
		return fault(s, "trailing comma");
	s->expect = closer == '}' ? EXPECT_NAME : EXPECT_VALUE;
	return true;
}

static bool scan_step(struct scan *s)
{
	switch (s->expect) {
	case EXPECT_VALUE_OR_END:
		return at(s, ']') ? close_container(s) : scan_value(s);
	case EXPECT_VALUE:
		return scan_value(s);
	case EXPECT_NAME_OR_END:
		return at(s, '}') ? close_container(s) : scan_name(s);
	case EXPECT_NAME:
		return scan_name(s);
	case EXPECT_NEXT:
		return scan_next(s);
	}
	return unexpected(s);
}

static bool scan_text(struct scan *s)
{
	do {
		skip_space(s);
		if (!scan_step(s))
			return false;
	} while (s->depth > 0 || s->expect != EXPECT_NEXT);
	skip_space(s);
	return s->p == s->end || fault(s, "something follows the value");
}

enum err json_scan(struct str text, struct json_fault *ret_fault)
{
	struct scan s = { .p = text.p, .end = text.p + text.n, .expect = EXPECT_VALUE };

	if (scan_text(&s))
		return ERR_OK;
	*ret_fault = (struct json_fault){ (size_t)(s.p - text.p), s.reason };
	return ERR_BAD_JSON;
}
