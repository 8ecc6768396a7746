/*
 * What a request says: one flat list of named values from its path, query string, form body or JSON
 * body (accounts-api 1.3).
 *
 * A text is percent-decoded and valid UTF-8; a JSON value keeps its type.  What the values mean is
 * decided by http/bind.  Nothing is copied that can be borrowed: the texts live as long as the
 * query, the body and the arena.
 */
#ifndef DIALTONE_HTTP_PARAMS_H
#define DIALTONE_HTTP_PARAMS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/field.h"
#include "base/nfc.h"
#include "base/str.h"
#include "http/param.h"

#define PARAMS_MAX 2048

struct params {
	struct arena *arena;
	struct param *list;
	size_t n, cap;
	struct param whole; /* the JSON object itself; json NULL: none */
	/* Where to note how names and passwords were sent; may be NULL. */
	struct nfc_changes *changes;
};

void params_init(struct params *p, struct arena *a);
/* A path variable, already decoded (http/request does it segment by segment). Borrowed. */
void params_add_path(struct params *p, struct str name, struct str value);
/* "a=1&b=2" of a query string (FIELD_IN_QUERY) or a form body (FIELD_IN_BODY): '+' is a space.
 * ERR_BAD_REQUEST for a broken percent sequence, a NUL, invalid UTF-8 or too many. */
enum err params_add_form(struct params *p, enum field_in in, struct str text) MUST_CHECK;
/* The members of a JSON object, as FIELD_IN_BODY. Borrowed. ERR_BAD_REQUEST for too many. */
enum err params_add_json(struct params *p, struct json_object *object) MUST_CHECK;
/* The members of a value that is an object, likewise; false when it is none or has too many. */
bool params_add_members(struct params *p, const struct param *object);

/* The value a field of that place gets: the last one given.  FIELD_IN_BODY means the body, else the
 * query string; the others mean themselves.  NULL when absent. */
const struct param *params_get(const struct params *p, enum field_in in, const char *name);

#endif
