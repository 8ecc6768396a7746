#include "base/nfc.h"

#include <string.h>
#include <utf8proc.h>

#define OPTIONS   (UTF8PROC_STABLE | UTF8PROC_COMPOSE)
#define MARKS_MAX 30 /* in a row: UAX 15, stream-safe text */
#define POINTS    16 /* more than one is taken apart into */

struct nfc_change {
	const char *text, *sent;
	struct nfc_change *before;
};

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > 0x7f)
			return false;
	return true;
}

/* Takes one apart and counts the marks in a row, up to it; false when these are too many. */
static bool count_marks(utf8proc_int32_t point, size_t *marks)
{
	utf8proc_int32_t parts[POINTS];
	int boundary = 0;
	utf8proc_ssize_t n = utf8proc_decompose_char(point, parts, POINTS, OPTIONS, &boundary);

	for (utf8proc_ssize_t i = 0; i < n && i < POINTS; i++) {
		*marks = utf8proc_get_property(parts[i])->combining_class ? *marks + 1 : 0;
		if (*marks > MARKS_MAX)
			return false;
	}
	return true;
}

/* No script has more marks on a letter, and putting them in order takes the square of their number. */
static bool is_quick(struct str s)
{
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)s.p;
	utf8proc_ssize_t left = (utf8proc_ssize_t)s.n, n;
	utf8proc_int32_t point;
	size_t marks = 0;

	for (; left > 0; at += n, left -= n) {
		n = utf8proc_iterate(at, left, &point);
		if (n <= 0 || !count_marks(point, &marks))
			return false;
	}
	return true;
}

static bool compose(struct arena *a, struct str s, struct str *ret)
{
	const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)s.p;
	utf8proc_ssize_t size = (utf8proc_ssize_t)s.n;
	utf8proc_ssize_t n = utf8proc_decompose(bytes, size, NULL, 0, OPTIONS);

	if (n < 0)
		return false;
	utf8proc_int32_t *points = arena_alloc(a, ((size_t)n + 1) * sizeof(*points));

	/* The code points make room for the text, and for its end. */
	if (utf8proc_decompose(bytes, size, points, n, OPTIONS) != n)
		return false;
	n = utf8proc_reencode(points, n, OPTIONS);
	*ret = (struct str){ (const char *)points, n < 0 ? 0 : (size_t)n };
	return n >= 0;
}

struct str nfc_text(struct arena *a, struct str text, struct nfc_changes *changes)
{
	const struct str sent = { arena_strndup(a, text.p, text.n), text.n };
	struct str ret;

	if (is_ascii(text) || !is_quick(text) || !compose(a, text, &ret) ||
		(ret.n == sent.n && memcmp(ret.p, sent.p, sent.n) == 0))
		return sent;
	if (changes) {
		struct nfc_change *change = arena_alloc(a, sizeof(*change));

		*change = (struct nfc_change){ ret.p, sent.p, changes->last };
		changes->last = change;
	}
	return ret;
}

const char *nfc_as_sent(const struct nfc_changes *changes, const char *text)
{
	for (const struct nfc_change *c = changes ? changes->last : NULL; c; c = c->before)
		if (strcmp(c->text, text) == 0)
			return c->sent;
	return text;
}
