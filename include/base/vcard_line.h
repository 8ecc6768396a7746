/*
 * Lines of a vCard (RFC 6350, 3.2 and 3.4): escaped and folded.
 *
 * Line ends are LF, as all vCards here have them.  A line is folded at 75 bytes, never inside a
 * character.
 */
#ifndef DIALTONE_BASE_VCARD_LINE_H
#define DIALTONE_BASE_VCARD_LINE_H

#include "base/buf.h"

/* A whole line without its end: it is folded, and nothing in it escaped. It holds no control character. */
void vcard_line_add(struct buf *out, struct str line);

/* The line `name` ":" and a text, which is valid UTF-8: escaped, and without control characters but line
 * ends. */
void vcard_text_add(struct buf *out, const char *name, struct str text);

#endif
