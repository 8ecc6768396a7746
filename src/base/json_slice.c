#include "base/json_slice.h"

#include <string.h>

#include "base/encode.h"
#include "base/json_scan.h"

struct scan {
	const char *p, *end;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct scan *s)
{
	while (s->p < s->end && is_space(*s->p))
		s->p++;
}

static void skip_string(struct scan *s)
{
	s->p++;
	while (s->p < s->end && *s->p != '"')
		s->p += *s->p == '\\' && s->end - s->p > 1 ? 2 : 1;
	if (s->p < s->end)
		s->p++;
}

/* A number or a word: up to what cannot be part of one. */
static void skip_bare(struct scan *s)
{
	while (s->p < s->end && !is_space(*s->p) && *s->p != ',' && *s->p != ']' && *s->p != '}')
		s->p++;
}

/* Brackets and strings alone tell where a container ends, since the text is known to be sound. */
static void skip_container(struct scan *s)
{
	size_t depth = 0;

	while (s->p < s->end) {
		char c = *s->p;

		if (c == '"') {
			skip_string(s);
			continue;
		}
		s->p++;
		if (c == '[' || c == '{')
			depth++;
		else if ((c == ']' || c == '}') && --depth == 0)
			return;
	}
}

static struct str take_value(struct scan *s)
{
	const char *from = s->p;

	if (*from == '"')
		skip_string(s);
	else if (*from == '[' || *from == '{')
		skip_container(s);
	else
		skip_bare(s);
	return (struct str){ from, (size_t)(s->p - from) };
}

/* With its quotes; the scanner then stands on the value. */
static struct str take_key(struct scan *s)
{
	struct str key = take_value(s);

	skip_space(s);
	if (s->p < s->end)
		s->p++;
	skip_space(s);
	return key;
}

bool json_slice_is_valid(struct str text)
{
	struct json_fault fault;

	return text.n > 0 && !is_space(text.p[0]) && !is_space(text.p[text.n - 1]) &&
	       json_scan(text, NULL, &fault) == ERR_OK;
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

/* *rest begins with an opening bracket or a comma, behind the members that were passed. */
bool json_slice_next(struct str *rest, struct str *ret_key, struct str *ret_value)
{
	struct scan s = { rest->p + 1, rest->p + rest->n };
	struct str key = { 0 };

	skip_space(&s);
	if (s.end - s.p < 2)
		return false;
	if (s.end[-1] == '}')
		key = take_key(&s);
	if (s.p == s.end)
		return false;
	*ret_value = take_value(&s);
	if (ret_key)
		*ret_key = key;
	skip_space(&s);
	*rest = (struct str){ s.p, (size_t)(s.end - s.p) };
	return true;
}

size_t json_slice_count(struct str array)
{
	struct str value;
	size_t n = 0;

	while (json_slice_next(&array, NULL, &value))
		n++;
	return n;
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
