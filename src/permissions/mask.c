#include "permissions/mask.h"

#include <string.h>

#define MASK        "xxx"
#define MASK_LENGTH (sizeof(MASK) - 1)

/* Where the last n characters begin; NULL: there are fewer. */
static const char *last_characters(const char *text, size_t n)
{
	const char *p = text + strlen(text);

	while (n && p > text)
		if (((unsigned char)*--p & 0xc0) != 0x80)
			n--;
	return n ? NULL : p;
}

const char *mask_number(const char *number, struct arena *arena)
{
	const char *end;

	if (!number)
		return NULL;
	end = last_characters(number, MASK_LENGTH);
	return end ? arena_printf(arena, "%.*s" MASK, (int)(end - number), number) : MASK;
}

const char *mask_name(const char *name)
{
	return name ? MASK : NULL;
}
