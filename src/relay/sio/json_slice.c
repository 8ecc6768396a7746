#include "relay/sio/json_slice.h"

#include <string.h>

#include "base/encode.h"

struct scan {
	const char *p, *end;
};

static bool scan_value(struct scan *s, unsigned depth);

static void skip_space(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

static bool take(struct scan *s, char c)
{
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool take_digits(struct scan *s)
{
	const char *from = s->p;

	while (s->p < s->end && is_digit(*s->p))
		s->p++;
	return s->p > from;
}

static bool scan_number(struct scan *s)
{
	take(s, '-');
	if (!take(s, '0') && !take_digits(s))
		return false;
	if (take(s, '.') && !take_digits(s))
		return false;
	if (take(s, 'e') || take(s, 'E')) {
		if (!take(s, '+'))
			take(s, '-');
		return take_digits(s);
	}
	return true;
}

static bool scan_escape(struct scan *s)
{
	uint8_t code[2];

	if (s->p == s->end)
		return false;
	if (*s->p != 'u')
		return memchr("\"\\/bfnrt", *s->p++, 8) != NULL;
	s->p++;
	if (s->end - s->p < 4 || !hex_decode(code, 2, (struct str){ s->p, 4 }))
		return false;
	s->p += 4;
	return true;
}

static bool scan_string(struct scan *s)
{
	if (!take(s, '"'))
		return false;
	while (s->p < s->end) {
		unsigned char c = (unsigned char)*s->p++;

		if (c == '"')
			return true;
		if (c < ' ' || (c == '\\' && !scan_escape(s)))
			return false;
	}
	return false;
}

static bool scan_member(struct scan *s, unsigned depth, bool keyed)
{
	skip_space(s);
	if (keyed) {
		if (!scan_string(s))
			return false;
		skip_space(s);
		if (!take(s, ':'))
			return false;
		skip_space(s);
	}
	if (!scan_value(s, depth))
		return false;
	skip_space(s);
	return true;
}

static bool scan_members(struct scan *s, unsigned depth, bool keyed)
{
	char close = keyed ? '}' : ']';

	if (depth == 0)
		return false;
	s->p++;
	skip_space(s);
	if (take(s, close))
		return true;
	do {
		if (!scan_member(s, depth - 1, keyed))
			return false;
	} while (take(s, ','));
	return take(s, close);
}

static bool scan_word(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	return true;
}

static bool scan_value(struct scan *s, unsigned depth)
{
	if (s->p == s->end)
		return false;
	switch (*s->p) {
	case '{':
		return scan_members(s, depth, true);
	case '[':
		return scan_members(s, depth, false);
	case '"':
		return scan_string(s);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		return scan_number(s);
	}
}

bool json_slice_is_valid(struct str text)
{
	struct scan s = { text.p, text.p + text.n };

	return scan_value(&s, JSON_DEPTH_MAX) && s.p == s.end;
}

enum json_kind json_slice_kind(struct str value)
{
	switch (value.p[0]) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 't':
		return JSON_TRUE;
	case 'f':
		return JSON_FALSE;
	case 'n':
		return JSON_NULL;
	default:
		return JSON_NUMBER;
	}
}

/* The scanner stands on an opening bracket or a comma, having passed the members before it. */
bool json_slice_next(struct str *rest, struct str *ret_key, struct str *ret_value)
{
	struct scan s = { rest->p + 1, rest->p + rest->n };
	bool keyed = rest->p[rest->n - 1] == '}';
	struct str key = { 0 };
	const char *from;

	skip_space(&s);
	if (s.p + 1 >= s.end)
		return false;
	if (keyed) {
		key.p = s.p;
		scan_string(&s);
		key.n = (size_t)(s.p - key.p);
		skip_space(&s);
		take(&s, ':');
		skip_space(&s);
	}
	from = s.p;
	if (!scan_value(&s, JSON_DEPTH_MAX))
		return false;
	*ret_value = (struct str){ from, (size_t)(s.p - from) };
	if (ret_key)
		*ret_key = key;
	skip_space(&s);
	*rest = (struct str){ s.p, (size_t)(s.end - s.p) };
	return true;
}

bool json_slice_member(struct str object, const char *name, struct str *ret_value)
{
	struct str rest = object, key, value;
	bool found = false;
	char text[64];
	size_t n;

	if (json_slice_kind(object) != JSON_OBJECT)
		return false;
	while (json_slice_next(&rest, &key, &value)) {
		if (!json_slice_text(key, text, sizeof(text), &n) || strcmp(text, name) != 0)
			continue;
		*ret_value = value;
		found = true;
	}
	return found;
}

static size_t put_utf8(char out[4], uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static uint32_t code_unit(struct scan *s)
{
	uint8_t b[2];

	if (!hex_decode(b, 2, (struct str){ s->p, 4 }))
		return 0;
	s->p += 4;
	return (uint32_t)b[0] << 8 | b[1];
}

/* Behind "\u". 0 for what is no character: U+0000 and unpaired surrogates. */
static uint32_t unescape_unicode(struct scan *s)
{
	uint32_t high = code_unit(s), low;

	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || s->end - s->p < 6 || s->p[0] != '\\' || s->p[1] != 'u')
		return 0;
	s->p += 2;
	low = code_unit(s);
	if (low < 0xdc00 || low > 0xdfff)
		return 0;
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/* Behind the backslash. */
static uint32_t unescape(struct scan *s)
{
	static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
	char c = *s->p++;
	const char *at = memchr(names, c, sizeof(names) - 1);

	if (c == 'u')
		return unescape_unicode(s);
	return at ? (uint32_t)values[at - names] : (uint32_t)c;
}

bool json_slice_text(struct str value, char *out, size_t cap, size_t *ret_n)
{
	struct scan s = { value.p + 1, value.p + value.n - 1 };
	size_t n = 0;

	if (json_slice_kind(value) != JSON_STRING)
		return false;
	while (s.p < s.end) {
		char piece[4] = { *s.p++ };
		size_t len = 1;

		if (piece[0] == '\\') {
			uint32_t c = unescape(&s);

			if (c == 0)
				return false;
			len = put_utf8(piece, c);
		}
		if (n + len >= cap)
			return false;
		memcpy(out + n, piece, len);
		n += len;
	}
	if (cap == 0)
		return false;
	out[n] = '\0';
	*ret_n = n;
	return true;
}

bool json_slice_uint(struct str value, uint64_t max, uint64_t *ret)
{
	return json_slice_kind(value) == JSON_NUMBER && str_to_uint(value, max, ret);
}
