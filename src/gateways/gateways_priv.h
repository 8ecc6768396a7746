/* What the gateways share. */
#ifndef DIALTONE_GATEWAYS_GATEWAYS_PRIV_H
#define DIALTONE_GATEWAYS_GATEWAYS_PRIV_H

#include "gateways/push.h"

#define KEY_FILE_MAX 16384 /* bytes */

/* A file of an operator's, read at each use so that a new key needs no restart.  In the arena.  ERR_NOT_FOUND;
 * ERR_UNAVAILABLE: it cannot be read, or is longer, which is logged. */
MUST_CHECK enum err key_file_read(struct arena *arena, const char *path, const char **ret);

/* Of a JSON object, in the arena; NULL: there is none of that name that is a text. */
const char *json_member_text(struct arena *arena, struct str object, const char *name);
/* Of any text; 0: it is no JSON object, or has no whole number of that name. */
int64_t json_member_count(struct str text, const char *name);

#endif
