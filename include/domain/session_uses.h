/*
 * Which sessions were used, collected in the process and written in batches: a request never costs
 * an UPDATE.  What was not written when a worker is killed is lost, and only that.
 */
#ifndef DIALTONE_DOMAIN_SESSION_USES_H
#define DIALTONE_DOMAIN_SESSION_USES_H

#include "service/service.h"

struct session_uses;

struct session_uses *session_uses_new(void);
void session_uses_free(struct session_uses **u);
/* Beyond 4096 sessions between two writes, others are not noticed. */
void session_uses_add(struct session_uses *u, const char *jti);
/* Writes what was collected. Kept for the next time when the database is away. */
void session_uses_flush(struct service *s);

#endif
