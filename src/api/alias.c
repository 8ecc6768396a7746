/* Paths that have an older or another name: looked at before the row is looked for, so that both have one row. */
#include "api_priv.h"

static const struct {
	const char *alias, *name;
} aliases[] = {
	{ "stats", "statistics" }, /* as Flexisip calls it */
	{ "statistic", "statistics" },
};

void alias_enter(struct request *r)
{
	if (r->segments < 2 || !str_is(r->segment[0], "api"))
		return;
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (str_is(r->segment[1], aliases[i].alias)) {
			r->segment[1] = str_from(aliases[i].name);
			return;
		}
}
