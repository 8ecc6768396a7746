#include "text/language.h"

const char *const language_tags[LANGUAGE_COUNT] = { "en", "fr", "it" };

enum language language_find(struct str tag)
{
	struct str primary = str_split(&tag, '-');
	enum language lang = LANGUAGE_EN;

	while (lang < LANGUAGE_COUNT && !str_case_is(primary, language_tags[lang]))
		lang++;
	return lang;
}
