/*
 * UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef DIALTONE_BASE_UTF8_H
#define DIALTONE_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Position inside a character, for text that arrives in pieces. Start with { 0 }. */
struct utf8 {
	uint8_t need;      /* continuation bytes still to come */
	uint8_t low, high; /* bounds of the next one */
};

/* Takes more bytes; false as soon as they cannot be UTF-8. */
bool utf8_feed(struct utf8 *u, const void *p, size_t n);
/* True when the text may end here. */
bool utf8_is_whole(const struct utf8 *u);
/* The whole text at once. */
bool utf8_is_valid(const void *p, size_t n);
/* Characters (code points) in valid text. */
size_t utf8_length(const char *p, size_t n);

#endif
