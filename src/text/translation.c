#include "text/translation.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
	const struct translation *a = left, *b = right;
	int by_key = strcmp(a->key, b->key);

	return by_key ? by_key : strcmp(a->english, b->english);
}

const char *translation_of(enum language lang, const char *key, const char *english)
{
	const struct translations *t = &translations[lang];
	struct translation wanted = { .key = key, .english = english };
	const struct translation *found =
		t->n ? bsearch(&wanted, t->rows, t->n, sizeof(*t->rows), compare) : NULL;

	return found ? found->text : english;
}
