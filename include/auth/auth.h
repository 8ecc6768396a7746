/*
 * Who may call what (accounts-api 3.1, cti-api 1.3): reads the credentials of a request, has them
 * proved, and judges what they allow; the challenges of a 401.
 */
#ifndef DIALTONE_AUTH_AUTH_H
#define DIALTONE_AUTH_AUTH_H

#include "http/ctx.h"

/* Whether it is for all callers on all hosts, so that auth_pass() asks for neither. */
bool auth_is_for_all(const struct ctx *c);
/* Whether auth_pass() will ask the database once, for single rows, and what that is can be known before: then
 * auth_ahead() says it ahead (pg_ahead()), and leaves c as it was. */
bool auth_can_be_ahead(const struct ctx *c);
void auth_ahead(struct ctx *c);

/* Fills c->caller. Any error is the request's answer. */
MUST_CHECK enum err auth_pass(struct ctx *c);
/* Adds the challenges that belong to a 401. */
void auth_challenge(struct ctx *c, enum err e);

#endif
