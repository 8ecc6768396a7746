/*
 * A transaction of a rule that has to keep something when it fails (a counted guess), and therefore
 * cannot leave the transaction to the endpoint's row.
 */
#ifndef DIALTONE_DOMAIN_TRANSACTION_H
#define DIALTONE_DOMAIN_TRANSACTION_H

#include "domain/domain.h"

/* Runs fn between begin and commit, the whole again (three times at most, then ERR_UNAVAILABLE) when
 * the database asks for it: fn must be able to run twice.  Rolls back when fn fails, and answers with
 * its error. */
MUST_CHECK enum err transaction_run(
	struct domain *d, enum err (*fn)(struct domain *d, void *arg), void *arg);

#endif
