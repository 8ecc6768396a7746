/* What dispatch asks of reply.c: the answer of a row, before and after its handler. */
#ifndef DIALTONE_HTTP_HTTP_PRIV_H
#define DIALTONE_HTTP_HTTP_PRIV_H

#include "http/ctx.h"

/* Makes c->out for the row, anew at each try. */
void reply_begin(struct ctx *c);
/* The body out of what the handler filled. */
void reply_end(struct ctx *c);

#endif
