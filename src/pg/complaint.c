#include "pg_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define SILENCE_MS 10000

/* The place of this code: its own, or that of the one that was told longest ago. */
static struct complaint *place_of(struct pg *pg, const char *sqlstate)
{
	struct complaint *oldest = pg->complaints;

	for (size_t i = 0; i < COMPLAINTS; i++) {
		struct complaint *c = &pg->complaints[i];

		if (strcmp(c->sqlstate, sqlstate) == 0)
			return c;
		if (c->told.next_ms < oldest->told.next_ms)
			oldest = c;
	}
	*oldest = (struct complaint){ 0 };
	snprintf(oldest->sqlstate, sizeof(oldest->sqlstate), "%s", sqlstate);
	return oldest;
}

void complain(struct pg *pg, const char *statement, const char *sqlstate, const char *text,
	const char *advice)
{
	struct complaint *c = place_of(pg, sqlstate);
	uint64_t untold;
	char more[64] = "";

	snprintf(pg->why, sizeof(pg->why), "%s %s%s%s", sqlstate, text, advice ? ": " : "",
		advice ? advice : "");
	c->told.silence_ms = SILENCE_MS;
	if (!sample_take(&c->told, clock_ms(), &untold))
		return;
	if (untold)
		snprintf(more, sizeof(more), "; %" PRIu64 " more like it since the last line",
			untold);
	log_warn("statement %s failed: %s%s", statement, pg->why, more);
}
