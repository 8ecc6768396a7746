#include "ticket.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "relay/core/directory.h"

struct ticket *ticket_new(const struct cti_client *c)
{
	struct ticket *t = mem_alloc(sizeof(*t));

	t->core = c->core;
	snprintf(t->sid, sizeof(t->sid), "%s", c->sio->id);
	snprintf(t->jti, sizeof(t->jti), "%s", c->jti ? c->jti : "");
	return t;
}

struct cti_client *ticket_client(const struct ticket *t)
{
	struct cti_client *c = directory_find(t->core, t->sid);

	return c && c->live && c->jti && strcmp(c->jti, t->jti) == 0 ? c : NULL;
}
