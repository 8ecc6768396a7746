#include "base/utf8.h"

/* The first byte of several. */
static bool lead(struct utf8 *u, uint8_t c)
{
	u->low = 0x80;
	u->high = 0xbf;
	if (c >= 0xc2 && c <= 0xdf)
		u->need = 1;
	else if (c >= 0xe0 && c <= 0xef)
		u->need = 2;
	else if (c >= 0xf0 && c <= 0xf4)
		u->need = 3;
	else
		return false;
	if (c == 0xe0)
		u->low = 0xa0;
	else if (c == 0xed)
		u->high = 0x9f;
	else if (c == 0xf0)
		u->low = 0x90;
	else if (c == 0xf4)
		u->high = 0x8f;
	return true;
}

bool utf8_feed(struct utf8 *u, const void *p, size_t n)
{
	const uint8_t *s = p;

	for (size_t i = 0; i < n; i++) {
		if (u->need == 0) {
			if (s[i] >= 0x80 && !lead(u, s[i]))
				return false;
			continue;
		}
		if (s[i] < u->low || s[i] > u->high)
			return false;
		u->need--;
		u->low = 0x80;
		u->high = 0xbf;
	}
	return true;
}

bool utf8_is_whole(const struct utf8 *u)
{
	return u->need == 0;
}

bool utf8_is_valid(const void *p, size_t n)
{
	struct utf8 u = { 0 };

	return utf8_feed(&u, p, n) && utf8_is_whole(&u);
}

size_t utf8_length(const char *p, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += ((uint8_t)p[i] & 0xc0) != 0x80;
	return count;
}
