/* A text about a field as people read it: translated, its gaps filled in. */
#ifndef DIALTONE_TEXT_SENTENCE_H
#define DIALTONE_TEXT_SENTENCE_H

#include "base/arena.h"
#include "base/field_errors.h"
#include "text/language.h"

/* Lives in the arena. */
const char *sentence_of(struct arena *a, enum language lang, const struct field_error *e);

#endif
