#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core_priv.h"

#define TEXT_MAX 512

static size_t cut(const char *text)
{
	size_t n = strnlen(text, TEXT_MAX + 1);

	if (n <= TEXT_MAX)
		return n;
	/* Before a character, not inside. */
	for (n = TEXT_MAX; n && ((unsigned char)text[n] & 0xc0) == 0x80;)
		n--;
	return n;
}

void owned_text_set(char **text, const char *value)
{
	char *copy = value ? mem_strndup(value, cut(value)) : NULL;

	free(*text);
	*text = copy;
}

bool text_is(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}
