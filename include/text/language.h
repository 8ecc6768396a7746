/* The languages people read errors in (accounts-api 1.8); English is that of the source. */
#ifndef DIALTONE_TEXT_LANGUAGE_H
#define DIALTONE_TEXT_LANGUAGE_H

#include "base/str.h"

enum language { LANGUAGE_EN, LANGUAGE_FR, LANGUAGE_IT, LANGUAGE_COUNT };

/* "en", "fr", "it" */
extern const char *const language_tags[LANGUAGE_COUNT];
/* Of a tag such as "fr" or "fr-CA" (RFC 5646); LANGUAGE_COUNT: none of ours. */
enum language language_find(struct str tag);

#endif
