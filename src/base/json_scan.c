#include "base/json_scan.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/utf8.h"

#define ALWAYS_INT64 18 /* an integer that is not longer fits */

/* What a string may hold without a closer look: [1] where the text is checked, [0] elsewhere. */
static const bool plain[2][256] = {
	{ [' '] = true, ['!'] = true, ['#' ... '['] = true, [']' ... 0xff] = true },
	{ [' '] = true, ['!'] = true, ['#' ... '['] = true, [']' ... 0x7f] = true },
};

struct scan {
	const char *p, *end;
	const struct json_limits *limits;
	bool is_strict; /* there are limits: json_scan.h */
	const bool *is_plain;
	size_t depth, values;
	bool is_empty;               /* nothing was in the innermost container yet */
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
	if (s->p == s->end || (uint8_t)*s->p > ' ')
		return;
	while (at(s, ' ') || at(s, '\n') || at(s, '\r') || at(s, '\t'))
		s->p++;
}

static bool scan_hex4(struct scan *s, unsigned *ret)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++, s->p++) {
		int digit = s->p < s->end ? hex_digit(*s->p) : -1;

		if (digit < 0)
			return s->p == s->end ? unexpected(s) : fault(s, "invalid escape");
		v = v << 4 | (unsigned)digit;
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
	if (!s->is_strict)
		return true;
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
	if (++s->p == s->end)
		return unexpected(s);
	char c = *s->p++;

	if (c == 'u')
		return scan_unicode(s, is_name);
	if (c != '\0' && strchr("\"\\/bfnrt", c))
		return true;
	s->p--;
	return fault(s, "invalid escape");
}

static bool scan_wide_character(struct scan *s)
{
	struct utf8 u = { 0 };

	do {
		if (s->p == s->end)
			return unexpected(s);
		if (!utf8_feed(&u, s->p, 1))
			return fault(s, "invalid UTF-8");
		s->p++;
	} while (!utf8_is_whole(&u));
	return true;
}

/* What is neither plain nor the closing quote; apart, so that plain text does not pay for it. */
static __attribute__((noinline)) bool scan_odd(struct scan *s, bool is_name)
{
	if (s->p == s->end)
		return unexpected(s);
	if (*s->p == '\\')
		return scan_escape(s, is_name);
	if ((uint8_t)*s->p < ' ')
		return fault(s, "control character in a string");
	return scan_wide_character(s);
}

/* Most of a text passes here. */
static void skip_plain(struct scan *s)
{
	const bool *is_plain = s->is_plain;
	const char *p = s->p, *end = s->end;

	while (p < end && is_plain[(uint8_t)*p])
		p++;
	s->p = p;
}

static bool too_long(struct scan *s, const char *where, bool is_name)
{
	s->p = where;
	return fault(s, is_name ? "name too long" : "string too long");
}

static bool scan_string(struct scan *s, bool is_name)
{
	const size_t max = is_name ? s->limits->name_bytes : s->limits->string_bytes;
	const char *const from = ++s->p;

	for (;;) {
		skip_plain(s);
		if ((size_t)(s->p - from) > max)
			return too_long(s, from + max + 1, is_name);
		if (at(s, '"'))
			break;
		if (!scan_odd(s, is_name))
			return false;
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

	if (!s->is_strict || (is_integer && n <= ALWAYS_INT64))
		return true;
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
	s->is_empty = true;
	s->p++;
	return true;
}

static bool scan_value(struct scan *s)
{
	if (s->p == s->end)
		return unexpected(s);
	if (++s->values > s->limits->values)
		return fault(s, "too many values");
	switch (*s->p) {
	case '"':
		return scan_string(s, false);
	case '{':
		return open_container(s, '}');
	case '[':
		return open_container(s, ']');
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
	skip_space(s);
	return true;
}

static bool scan_comma(struct scan *s, char closer)
{
	if (!at(s, ','))
		return unexpected(s);
	s->p++;
	skip_space(s);
	return !at(s, closer) || fault(s, "trailing comma");
}

/* The next value of the innermost container, or its end. */
static bool scan_next(struct scan *s)
{
	const char closer = s->closer[s->depth - 1];
	const bool is_first = s->is_empty;

	skip_space(s);
	s->is_empty = false;
	if (at(s, closer)) {
		s->p++;
		s->depth--;
		return true;
	}
	return (is_first || scan_comma(s, closer)) && (closer == ']' || scan_name(s)) &&
	       scan_value(s);
}

static bool scan_text(struct scan *s)
{
	skip_space(s);
	if (!scan_value(s))
		return false;
	while (s->depth > 0)
		if (!scan_next(s))
			return false;
	skip_space(s);
	return s->p == s->end || fault(s, "something follows the value");
}

enum err json_scan(struct str text, const struct json_limits *limits, struct json_fault *ret_fault)
{
	static const struct json_limits none = { SIZE_MAX, SIZE_MAX, SIZE_MAX };
	struct scan s = { .p = text.p,
		.end = text.p + text.n,
		.limits = limits ? limits : &none,
		.is_strict = limits != NULL,
		.is_plain = plain[limits != NULL] };

	if (scan_text(&s))
		return ERR_OK;
	*ret_fault = (struct json_fault){ (size_t)(s.p - text.p), s.reason };
	return ERR_BAD_JSON;
}
