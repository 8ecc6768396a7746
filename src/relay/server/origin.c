#include "relay/server/origin.h"

#include <string.h>
#include <strings.h>

#include "base/cors.h"
#include "relay/ws/http_head.h"

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

enum listed { LISTED_NOT, LISTED_AS_ANY, LISTED_BY_NAME };

static enum listed find_origin(struct str origin, const char *allowed)
{
	enum listed found = LISTED_NOT;

	while (*(allowed += strspn(allowed, ", \t"))) {
		struct str item = { allowed, strcspn(allowed, ", \t") };

		if (case_eq(item, origin))
			return LISTED_BY_NAME;
		if (str_is(item, "*"))
			found = LISTED_AS_ANY;
		allowed += item.n;
	}
	return found;
}

bool origin_is_allowed(struct str origin, struct str host, const char *allowed)
{
	if (!origin.p)
		return true;
	return (host.n && is_same_host(origin, host)) || find_origin(origin, allowed) != LISTED_NOT;
}

void origin_cors_put(struct buf *out, struct str origin, const char *allowed)
{
	enum listed listed = origin.p ? find_origin(origin, allowed) : LISTED_NOT;

	if (listed == LISTED_NOT)
		return;
	buf_printf(out, "Access-Control-Allow-Origin: %.*s\r\nVary: Origin\r\n", (int)origin.n,
		origin.p);
	if (listed == LISTED_BY_NAME)
		buf_add_str(out, "Access-Control-Allow-Credentials: true\r\n");
}

/* Those asked for of the ones a page may send, in lower case as browsers ask. */
static void put_allowed_headers(struct buf *out, struct str asked)
{
	char names[] = CORS_REQUEST_HEADERS, *rest = names;
	const char *between = "Access-Control-Allow-Headers: ", *name;
	size_t before = out->n;

	str_lower(names);
	while ((name = strsep(&rest, ", "))) {
		if (!*name || !http_list_has(asked, name))
			continue;
		buf_add_str(out, between);
		buf_add_str(out, name);
		between = ", ";
	}
	if (out->n > before)
		buf_add_str(out, "\r\n");
}

void origin_preflight_put(struct buf *out, struct str asked)
{
	buf_add_str(out, "Access-Control-Allow-Methods: GET,POST\r\n");
	put_allowed_headers(out, asked);
	buf_add_str(out, "Access-Control-Max-Age: 600\r\n");
}
