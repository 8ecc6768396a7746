#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "redis_priv.h"

#define OUTAGE_LINES 3

void outage_note(struct outage *o, const char *why)
{
	if (o->told >= OUTAGE_LINES || (o->told && strcmp(o->why, why) == 0))
		return;
	log_warn(o->told ? "redis is still away: %s"
			 : "redis connection lost: %s: it is tried again until it is back; events "
			   "wait, and the setting redis names the server to look at",
		why);
	o->told++;
	snprintf(o->why, sizeof(o->why), "%s", why);
}

void outage_end(struct outage *o)
{
	if (o->told)
		log_info("redis connection is back");
	o->told = 0;
}
