#include "account_row.h"

void account_row_complete(struct arena *arena, struct account *a)
{
	a->sip_uri = arena_printf(arena, "sip:%s@%s", a->username, a->domain);
	a->carddav_servers = "[]";
	if (!a->dtmf_protocol)
		a->actions = "[]";
}
