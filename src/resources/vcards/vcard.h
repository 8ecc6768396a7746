/*
 * A vCard as text (RFC 6350, and RFC 2426 for version 3.0): read strictly, and written again in one form.
 *
 *   item1.TEL;type=CELL:+33...   becomes   item1.TEL;TYPE=CELL:+33...
 *
 * The form: BEGIN, VERSION, the properties in the order given, END; names in upper case, line ends LF,
 * lines folded at 75 bytes and never inside a character.  What is written reads as itself.
 *
 * What properties mean is for phones to know: here they have a name, parameters and a value.  It is ours
 * because libbelcard (Debian 12 has 5.1, Debian 13 has 5.3) would bring C++, a grammar that is read at run
 * time, and mbedTLS into each worker; and because strangers write what it reads.
 */
#ifndef DIALTONE_RESOURCES_VCARDS_VCARD_H
#define DIALTONE_RESOURCES_VCARDS_VCARD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

#define VCARD_UID_MAX 255 /* bytes */

/* In the arena. */
struct vcard {
	const char *text;
	const char *uid; /* its escapes undone */
};

/* text: valid UTF-8.  False when it is not exactly one vCard of version 3.0 or 4.0 with a UID and a name
 * (FN), VERSION and UID once each. */
bool vcard_read(struct arena *arena, struct str text, struct vcard *ret);

#endif
