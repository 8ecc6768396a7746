/*
 * Bytes as text: hexadecimal, base64 (RFC 4648 section 4), base64url without padding (section 5) and
 * percent-encoding (RFC 3986, 2.1).
 *
 * Writing always fits the size that the macros below give.  Reading is strict, and a base64 text has
 * one spelling only, so comparing two texts compares two values.  Escapes of JSON are
 * base/json_writer.h's and base/json_slice.h's.
 */
#ifndef DIALTONE_BASE_ENCODE_H
#define DIALTONE_BASE_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

#define HEX_SIZE(n)    ((n)*2 + 1)
#define BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)

/* What "%XX" alone does not settle: each protocol says for itself. */
enum percent_flag {
	PERCENT_PLUS = 1 << 0,   /* '+' is a space, as in a form */
	PERCENT_LENIENT = 1 << 1 /* a '%' without two digits stands for itself, as in browsers */
};

/* Decodes into out, which holds cap bytes, and puts a NUL behind; out may be where s is. The bytes may
 * hold a NUL themselves: a caller that needs a C string compares lengths. False: a broken sequence, or
 * it does not fit. */
bool percent_decode(char *out, size_t cap, struct str s, unsigned flags, size_t *ret_n);
/* The same for text: false also for a NUL and for invalid UTF-8. Returns a slice of s itself when there
 * is nothing to decode. */
bool percent_decode_text(struct arena *a, struct str s, unsigned flags, struct str *ret);
/* All but unreserved characters (RFC 3986, 2.3) as "%XX". In the arena. */
const char *percent_encode(struct arena *a, struct str s);

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
