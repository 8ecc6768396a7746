#define _GNU_SOURCE
#include "base/text_input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"

#define PART_BYTES 4096
#define LINE_SIZE  1024
#define MARK       "\xEF\xBB\xBF"
#define MARK_BYTES 3

static size_t mark_length(const char *p, size_t n)
{
	return n >= MARK_BYTES && memcmp(p, MARK, MARK_BYTES) == 0 ? MARK_BYTES : 0;
}

bool text_input_read(int fd, struct buf *ret)
{
	size_t start = ret->n, mark;
	ssize_t got;

	do {
		char *at = buf_reserve(ret, PART_BYTES);

		if (!at) {
			errno = EFBIG;
			return false;
		}
		got = read(fd, at, PART_BYTES);
		if (got > 0)
			ret->n += (size_t)got;
	} while (got > 0);
	if (got < 0)
		return false;
	mark = mark_length(ret->p + start, ret->n - start);
	if (mark) {
		memmove(ret->p + start, ret->p + start + mark, ret->n - start - mark);
		ret->n -= mark;
	}
	return true;
}

void text_input_line(FILE *in, char *ret, size_t size)
{
	size_t n, mark;

	if (!fgets(ret, (int)size, in))
		ret[0] = '\0';
	n = strcspn(ret, "\r\n");
	mark = mark_length(ret, n);
	memmove(ret, ret + mark, n - mark);
	ret[n - mark] = '\0';
}

bool text_input_first_line(const char *path, struct arena *arena, const char **ret)
{
	char line[LINE_SIZE] = "";
	FILE *f = fopen(path, "re");
	struct str text;

	if (!f)
		return false;
	text_input_line(f, line, sizeof(line));
	fclose(f);
	errno = 0;
	text = str_trim(str_from(line));
	if (text.n)
		*ret = arena_strndup(arena, text.p, text.n);
	explicit_bzero(line, sizeof(line));
	return text.n > 0;
}
