/*
 * What a text of the source is in another language.
 *
 * The tables are made from src/text/po/<language>.po at build.  A text that is in none, such as one
 * clients compare, stays English.  Not a catalogue for mails or pages.
 */
#ifndef DIALTONE_TEXT_TRANSLATION_H
#define DIALTONE_TEXT_TRANSLATION_H

#include <stddef.h>

#include "text/language.h"

struct translation {
	const char *key, *english, *text;
};

struct translations {
	const struct translation *rows; /* in order of key, then of English */
	size_t n;
};

/* Made; English has none. */
extern const struct translations translations[LANGUAGE_COUNT];

/* Of the text with that key and that English; the English itself when there is none. */
const char *translation_of(enum language lang, const char *key, const char *english);

#endif
