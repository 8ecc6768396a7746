#include <string.h>

#include "redis_priv.h"

/* Redis 6 tells errors inside of scripts as "ERR Error running script (...): ... -READONLY ...". */
static bool speaks_of(const char *error, const char *word)
{
	const char *at = strstr(error, word);

	return at && (at == error || at[-1] == '-');
}

enum complaint complaint_of(const char *error)
{
	static const struct {
		const char *word;
		enum complaint kind;
	} known[] = {
		{ "READONLY ", COMPLAINT_SERVER },
		{ "MASTERDOWN ", COMPLAINT_SERVER },
		{ "LOADING ", COMPLAINT_SERVER },
		{ "NOREPLICAS ", COMPLAINT_PASSING },
		{ "OOM ", COMPLAINT_PASSING },
		{ "MISCONF ", COMPLAINT_PASSING },
		{ "BUSY ", COMPLAINT_PASSING },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (speaks_of(error, known[i].word))
			return known[i].kind;
	return COMPLAINT_COMMAND;
}
