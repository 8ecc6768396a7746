/*
 * What a user with the privacy flag sees of the numbers of others (cti-api 2.10): the last characters are
 * replaced, so that the number can be recognised and not called.
 */
#ifndef DIALTONE_PERMISSIONS_MASK_H
#define DIALTONE_PERMISSIONS_MASK_H

#include "base/arena.h"

/* Characters are code points of valid UTF-8. A number shorter than the mask becomes the mask; NULL
 * stays NULL. */
const char *mask_number(const char *number, struct arena *arena);
/* All of it; NULL stays NULL. */
const char *mask_name(const char *name);

#endif
