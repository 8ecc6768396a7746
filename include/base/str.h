/*
 * A slice of bytes owned elsewhere: what parsers hand around instead of copies.
 *
 * Not NUL-terminated unless said so: print it with "%.*s".  It is good as long as what it points
 * into; a function that keeps one longer says so.  p == NULL means "absent" where that differs from
 * empty.  To build text, take base/buf.h or an arena.
 */
#ifndef DIALTONE_BASE_STR_H
#define DIALTONE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })

/* Borrows s; NULL becomes the empty slice. */
static inline struct str str_from(const char *s)
{
	return (struct str){ s ? s : "", s ? strlen(s) : 0 };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_is(struct str a, const char *s)
{
	return str_eq(a, str_from(s));
}

/* ASCII case only. */
bool str_case_is(struct str a, const char *s);
bool str_case_eq(struct str a, struct str b);
bool str_starts(struct str a, const char *prefix);
/* Takes prefix off; false when s does not begin with it. */
bool str_cut_prefix(struct str *s, const char *prefix);
/* values: NULL-terminated. */
bool str_is_one_of(struct str s, const char *const *values);
/* Whether all characters are among those of `set`. */
bool str_is_made_of(struct str s, const char *set);
/* Without leading and trailing ASCII white space. */
struct str str_trim(struct str a);
/* Cuts at the first `c`: returns what is before it and leaves what is behind it in *rest.  Without
 * a `c` the whole is returned and *rest becomes empty with p == NULL. */
struct str str_split(struct str *rest, char c);
/* Whether words joined by single commas hold this one. */
bool str_list_has(const char *list, struct str word);
/* A whole decimal number without sign, or false: digits only, no overflow, at most max. */
bool str_to_uint(struct str a, uint64_t max, uint64_t *ret);
/* Lower-cases ASCII letters in place. */
void str_lower(char *s);

#endif
