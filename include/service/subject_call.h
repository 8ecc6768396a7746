/* A subject's statement as part of an exchange: for stores that ask for something else with it. */
#ifndef DIALTONE_SERVICE_SUBJECT_CALL_H
#define DIALTONE_SERVICE_SUBJECT_CALL_H

#include "pg/pg.h"
#include "service/subject.h"

extern const struct field subject_key_fields[];
/* $domain, $id, $part_id, $name, $page, SUBJECT_CALLER: in the row of a statement that finds a subject. */
#define SUBJECT_KEY .in = subject_key_fields, .in_size = sizeof(struct subject_key)
/* The caller's account.  In one exchange with the identity it is not known yet: the statement that finds the
 * identity leaves it to those behind it, in a setting that ends with the exchange.  NULL: there is none. */
#define SUBJECT_CALLER                                                                         \
	"coalesce($caller_id, nullif(current_setting('" SUBJECT_CALLER_SETTING "', true), '')" \
	"::bigint)"
#define SUBJECT_CALLER_SETTING "dialtone.caller"

/* For the statement of a list: nothing is read for strangers. */
#define SUBJECT_CALLED "(" SUBJECT_CALLER " IS NOT NULL)"
/* The same of what belongs to the account {id} of the caller's space. */
#define SUBJECT_ACCOUNT                                                                            \
	"(SELECT o.id FROM accounts o WHERE o.id = $id AND o.domain = $domain AND " SUBJECT_CALLED \
	")"

/* The caller's domain, wherever they call. */
#define SUBJECT_CALLERS_DOMAIN "(SELECT o.domain FROM accounts o WHERE o.id = " SUBJECT_CALLER ")"

/* Whether the call leaves the caller to those behind it. */
enum subject_caller { SUBJECT_CALLER_IS_LEFT, SUBJECT_CALLER_IS_UNKNOWN };

/* Runs the call, and the look-ups with it (NULL: none), but for those of a caller who is unknown. What the call
 * answered is returned; each look-up says its own result. */
MUST_CHECK enum err subject_call_with(struct service *s, struct pg_call *call,
	struct subject_lookup *first, enum subject_caller caller);
/* Says ahead that subject_call_with() will be asked for this (pg_ahead()), with SUBJECT_CALLER_IS_LEFT.  What a call
 * leaves to those behind it is left to no other caller's. */
void subject_call_ahead(
	struct service *s, const struct pg_call *call, struct subject_lookup *first);

#endif
