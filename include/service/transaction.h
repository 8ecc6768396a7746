/*
 * The one way to change things: a function between BEGIN and COMMIT, for the API, the commands and
 * dialtone-jobs alike.
 */
#ifndef DIALTONE_SERVICE_TRANSACTION_H
#define DIALTONE_SERVICE_TRANSACTION_H

#include "service/service.h"

/* Runs fn between begin and commit, the whole again (three times at most, then ERR_UNAVAILABLE) when
 * the database asks for it: fn must be able to run twice.  Rolls back when fn fails, and answers with
 * its error.  After the commit dialtone-jobs is woken. */
MUST_CHECK enum err service_transaction(
	struct service *s, enum err (*fn)(struct service *s, void *arg), void *arg);

/* The same for what an operator asks about later: it leaves a row in the audit trail (service/audit.h), unless
 * nothing was changed after all.  A request makes one such transaction at most. */
MUST_CHECK enum err service_change(
	struct service *s, enum err (*fn)(struct service *s, void *arg), void *arg);

#endif
