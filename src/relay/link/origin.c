#include "relay/link/origin.h"

#include <string.h>
#include <strings.h>

static bool case_eq(struct str a, struct str b)
{
	return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

static bool is_same_host(struct str origin, struct str host)
{
	static const char *const schemes[] = { "https://", "http://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i]);

		if (str_starts(origin, schemes[i]) &&
			case_eq((struct str){ origin.p + n, origin.n - n }, host))
			return true;
	}
	return false;
}

bool origin_is_allowed(struct str origin, struct str host, const char *allowed)
{
	if (!origin.p)
		return true;
	if (host.n && is_same_host(origin, host))
		return true;
	while (*(allowed += strspn(allowed, ", \t"))) {
		struct str item = { allowed, strcspn(allowed, ", \t") };

		if (str_is(item, "*") || case_eq(item, origin))
			return true;
		allowed += item.n;
	}
	return false;
}
