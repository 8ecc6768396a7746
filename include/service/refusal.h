/*
 * How a rule refuses for a reason of its own.
 *
 *   return own ? refused(s, &own_account) : ERR_OK;
 *
 * The reason stays in the service until another takes its place, so that ERR_REFUSED is handed up like
 * any error; the function that answers the caller asks for it last.
 */
#ifndef DIALTONE_SERVICE_REFUSAL_H
#define DIALTONE_SERVICE_REFUSAL_H

#include "base/refusal.h"
#include "service/service.h"

/* What CTI clients know bad input as, on most rows. */
extern const struct refusal fields_malformed;

/* What is kept of one kind has an end: so many are there already. */
extern const struct refusal limit_reached;

/* A call that a client knows, and that nothing here can carry out: never 404, which would make one of them leave this
 * API for good (cti-api 1.14). */
extern const struct refusal not_implemented;

/* Keeps r, which is static; returns ERR_REFUSED. */
MUST_CHECK enum err refused(struct service *s, const struct refusal *r);
/* True when e, the last error, is this refusal. */
bool refused_as(const struct service *s, enum err e, const struct refusal *r);
/* What is told about e, the last error: the reason kept, or what err_table says. */
const struct refusal *refusal_of(const struct service *s, enum err e);

#endif
