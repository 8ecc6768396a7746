#include "base/encode.h"

#include "base/utf8.h"

static const char std_alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~", c));
}

const char *percent_encode(struct arena *a, struct str s)
{
	static const char digits[] = "0123456789ABCDEF";
	char *out = arena_alloc(a, 3 * s.n + 1), *at = out;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_unreserved(c)) {
			*at++ = (char)c;
			continue;
		}
		*at++ = '%';
		*at++ = digits[c >> 4];
		*at++ = digits[c & 15];
	}
	return out;
}

char *hex_encode(char *out, const void *p, size_t n)
{
	static const char digit[] = "0123456789abcdef";
	const uint8_t *s = p;

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digit[s[i] >> 4];
		out[2 * i + 1] = digit[s[i] & 15];
	}
	out[2 * n] = '\0';
	return out;
}

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool hex_decode(uint8_t *out, size_t n, struct str s)
{
	if (s.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(s.p[2 * i]), low = hex_digit(s.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* Takes the next byte off, decoded. */
static bool percent_take(struct str *s, unsigned flags, char *ret)
{
	size_t used = 1;
	char c = s->p[0];

	if (c == '+' && flags & PERCENT_PLUS)
		c = ' ';
	if (c == '%' && s->n >= 3 && hex_decode((uint8_t *)&c, 1, (struct str){ s->p + 1, 2 }))
		used = 3;
	else if (c == '%' && !(flags & PERCENT_LENIENT))
		return false;
	*s = (struct str){ s->p + used, s->n - used };
	*ret = c;
	return true;
}

bool percent_decode(char *out, size_t cap, struct str s, unsigned flags, size_t *ret_n)
{
	size_t n = 0;

	while (s.n) {
		if (n + 1 >= cap || !percent_take(&s, flags, &out[n]))
			return false;
		n++;
	}
	out[n] = '\0';
	*ret_n = n;
	return true;
}

static bool is_coded(struct str s, unsigned flags)
{
	return memchr(s.p, '%', s.n) || (flags & PERCENT_PLUS && memchr(s.p, '+', s.n));
}

bool percent_decode_text(struct arena *a, struct str s, unsigned flags, struct str *ret)
{
	struct str text = s.n ? s : STR("");

	if (is_coded(text, flags)) {
		char *out = arena_alloc(a, s.n + 1);

		if (!percent_decode(out, s.n + 1, s, flags, &text.n))
			return false;
		text.p = out;
	}
	if (memchr(text.p, '\0', text.n) || !utf8_is_valid(text.p, text.n))
		return false;
	*ret = text;
	return true;
}

static size_t encode(char *out, const uint8_t *s, size_t n, const char *alphabet, bool pad)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t v = (uint32_t)s[i] << 16;

		if (left > 1)
			v |= (uint32_t)s[i + 1] << 8;
		if (left > 2)
			v |= s[i + 2];
		out[len++] = alphabet[v >> 18];
		out[len++] = alphabet[v >> 12 & 63];
		if (left > 1)
			out[len++] = alphabet[v >> 6 & 63];
		if (left > 2)
			out[len++] = alphabet[v & 63];
	}
	while (pad && len % 4)
		out[len++] = '=';
	out[len] = '\0';
	return len;
}

size_t base64_encode(char *out, const void *p, size_t n)
{
	return encode(out, p, n, std_alphabet, true);
}

size_t base64url_encode(char *out, const void *p, size_t n)
{
	return encode(out, p, n, url_alphabet, false);
}

static int digit_value(char c, const char *alphabet)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == alphabet[62])
		return 62;
	return c == alphabet[63] ? 63 : -1;
}

static bool decode(uint8_t *out, struct str s, size_t *ret_n, const char *alphabet)
{
	uint32_t v = 0;
	size_t n = 0, bits = 0;

	if (s.n % 4 == 1)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int d = digit_value(s.p[i], alphabet);

		if (d < 0)
			return false;
		v = (v << 6 | (uint32_t)d) & 0xffffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[n++] = (uint8_t)(v >> bits);
		}
	}
	if (v & ((1u << bits) - 1))
		return false;
	*ret_n = n;
	return true;
}

bool base64url_decode(uint8_t *out, struct str s, size_t *ret_n)
{
	return decode(out, s, ret_n, url_alphabet);
}

bool base64_decode(uint8_t *out, struct str s, size_t *ret_n)
{
	if (s.n % 4)
		return false;
	for (int i = 0; i < 2 && s.n && s.p[s.n - 1] == '='; i++)
		s.n--;
	return decode(out, s, ret_n, std_alphabet);
}
