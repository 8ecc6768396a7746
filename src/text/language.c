#include "text/language.h"

static const char *const tags[LANGUAGE_COUNT] = { "en", "fr", "it" };

enum language language_find(struct str tag)
{
	struct str primary = str_split(&tag, '-');
	enum language lang = LANGUAGE_EN;

	while (lang < LANGUAGE_COUNT && !str_case_is(primary, tags[lang]))
		lang++;
	return lang;
}
