/* A subject's statement as part of an exchange: for stores that ask for something else with it. */
#ifndef DIALTONE_SERVICE_SUBJECT_CALL_H
#define DIALTONE_SERVICE_SUBJECT_CALL_H

#include "pg/pg.h"
#include "service/subject.h"

/* Runs the call, and the look-up with it when there is one (NULL: none). What the call answered is
 * returned; the look-up says its own result. */
MUST_CHECK enum err subject_call_with(
	struct service *s, struct pg_call *call, struct subject_lookup *l);

#endif
