/*
 * The lines of an INI text, one by one: "[section]", "key = value", blank ones and comments (; or #).
 *
 * Values are literal; a pair of quotes around the whole of one is taken off. There are no escapes and no
 * continued lines. A line that is none of these is
 * INI_WRONG, which the reader may refuse or pass over.
 */
#ifndef DIALTONE_BASE_INI_H
#define DIALTONE_BASE_INI_H

#include "base/str.h"

enum ini_kind {
	INI_BLANK, /* or a comment */
	INI_SECTION,
	INI_ENTRY,
	INI_WRONG
};

struct ini_line {
	enum ini_kind kind;
	struct str section; /* its name, also of an entry; empty above the first one */
	struct str key, value;
};

/* Start with { .rest = text }, and read until it says false. All slices borrow the text. */
struct ini {
	struct str rest, section;
};
bool ini_next(struct ini *ini, struct ini_line *ret);

#endif
