/*
 * Bytes as text: hexadecimal, base64 (RFC 4648 section 4) and base64url without padding (section 5).
 *
 * Writing always fits the size that the macros below give.  Reading is strict, and a base64 text has
 * one spelling only: whoever compares two texts compares two values.  Escapes of
 * JSON are base/json_writer.h's and base/json_slice.h's.
 */
#ifndef DIALTONE_BASE_ENCODE_H
#define DIALTONE_BASE_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define HEX_SIZE(n)    ((n)*2 + 1)
#define BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)

/* Whether s begins with "%XX" (RFC 3986, 2.1), and then the byte that stands for. What to do with a
 * "%" that is none, or with '+', each protocol says for itself. */
bool percent_byte(struct str s, char *ret);

/* Lower-case; out holds HEX_SIZE(n). Returns out. */
char *hex_encode(char *out, const void *p, size_t n);
/* The value of a digit of either case; -1 when it is none. */
int hex_digit(char c);
/* Either case, exactly n bytes from 2n digits; false otherwise. */
bool hex_decode(uint8_t *out, size_t n, struct str s);

/* out holds BASE64_SIZE(n). Returns the length written, NUL not counted. */
size_t base64_encode(char *out, const void *p, size_t n);
size_t base64url_encode(char *out, const void *p, size_t n);
/* Strict: alphabet, no padding, no stray bits. out holds s.n * 3 / 4 bytes. */
bool base64url_decode(uint8_t *out, struct str s, size_t *ret_n);
/* Strict: alphabet and padding. */
bool base64_decode(uint8_t *out, struct str s, size_t *ret_n);

#endif
