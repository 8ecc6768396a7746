/* What the files of api/ share. */
#ifndef DIALTONE_API_API_PRIV_H
#define DIALTONE_API_API_PRIV_H

#include "api/api.h"
#include "service/caller.h"
#include "service/service.h"

static inline struct api *api_of(struct ctx *c)
{
	return c->app;
}

/* Adds the header lines for pages of other origins; answers preflights (ctx.answered). ERR_FORBIDDEN: a
 * login from a page of an origin that is not listed. */
enum err cors_apply(struct ctx *c);

/* Once the gate has been passed: the host to be told where an address is kept, never the request's while a
 * space is known; and "https://host", with the port and path of public_url, of links that are kept and of those that
 * lead on in a list. */
const char *links_host(struct ctx *c);
const char *links_site(struct ctx *c);
const char *links_base(struct ctx *c);

/* Gives a path below /api the name that its row has. */
void alias_enter(struct request *r);
/* Leads a request below /webrest to its path below /api, or refuses it. */
enum err deprecated_enter(struct ctx *c);
/* Counts it when its answer is made. */
void deprecated_count(struct ctx *c);
bool deprecated_is_login(const struct request *r);

struct audit_entry;
/* service.trail of a request; ctx is a struct ctx behind the gate. */
void trail_fill(void *ctx, struct audit_entry *ret);
/* The names of the fields that it has changed. */
void trail_fields(const struct ctx *c, struct audit_entry *ret);

#endif
