/*
 * Which language a person reads, and the sentences of base/text_codes.h in it (accounts-api 1.8).
 *
 * Only texts are translated; keys, codes and statuses never are.  Not a catalogue for mails or
 * pages.
 */
#ifndef DIALTONE_HTTP_TEXT_H
#define DIALTONE_HTTP_TEXT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/text_codes.h"

enum language { LANGUAGE_EN, LANGUAGE_FR, LANGUAGE_IT, LANGUAGE_COUNT };

/* The best match of an Accept-Language header (RFC 9110, 12.5.4): highest q first, then the order
 * given; "fr-CA" finds French.  English when nothing matches or the header is not understood. */
enum language language_choose(struct str accept_language);

/* The sentence with its blanks filled in; lives in the arena.  field is the JSON name, values is
 * NULL-terminated or NULL, id is not TEXT_OK. */
const char *text_format(struct arena *a, enum language lang, enum text_id id, const char *field,
	int64_t n, const char *const *values);

#endif
