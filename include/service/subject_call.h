/* A subject's statement as part of an exchange: for stores that ask for something else with it. */
#ifndef DIALTONE_SERVICE_SUBJECT_CALL_H
#define DIALTONE_SERVICE_SUBJECT_CALL_H

#include "pg/pg.h"
#include "service/subject.h"

extern const struct field subject_key_fields[];
/* $domain, $caller_id, $id, $part_id, $name: in the row of a statement that finds a subject. */
#define SUBJECT_KEY .in = subject_key_fields, .in_size = sizeof(struct subject_key)

/* Runs the call, and the look-up with it when there is one (NULL: none). What the call answered is
 * returned; the look-up says its own result. */
MUST_CHECK enum err subject_call_with(
	struct service *s, struct pg_call *call, struct subject_lookup *l);

#endif
