#include "relay/server/cors.h"

#include "base/origin.h"

/* Without a proxy in front there is no TLS: the relay speaks none. */
static struct str scheme_of(const struct http_head *head)
{
	return head->forwarded_proto.n ? head->forwarded_proto : STR("http");
}

bool cors_is_allowed(const struct http_head *head, const struct server_settings *s)
{
	return !head->origin.p || origin_is_own(head->origin, head->host, scheme_of(head)) ||
	       origin_find(head->origin, s->allowed_origins) != ORIGIN_NOT_LISTED;
}

void cors_put(struct buf *out, const struct http_head *head, const struct server_settings *s)
{
	enum origin_listed listed = origin_find(head->origin, s->allowed_origins);

	if (listed == ORIGIN_NOT_LISTED)
		return;
	buf_printf(out, "Access-Control-Allow-Origin: %.*s\r\nVary: Origin\r\n",
		(int)head->origin.n, head->origin.p);
	if (listed == ORIGIN_LISTED_BY_NAME)
		buf_add_str(out, "Access-Control-Allow-Credentials: true\r\n");
}

/* Those asked for of the ones a page may send, as the settings write them. */
static void put_allowed_headers(struct buf *out, struct str asked, const char *allowed)
{
	struct str rest = str_from(allowed);
	const char *between = "Access-Control-Allow-Headers: ";
	size_t before = out->n;

	while (rest.n) {
		struct str name = str_split(&rest, ',');

		if (!http_list_has(asked, name))
			continue;
		buf_add_str(out, between);
		buf_add(out, name.p, name.n);
		between = ", ";
	}
	if (out->n > before)
		buf_add_str(out, "\r\n");
}

void cors_preflight_put(
	struct buf *out, const struct http_head *head, const struct server_settings *s)
{
	buf_add_str(out, "Access-Control-Allow-Methods: GET,POST\r\n");
	put_allowed_headers(out, head->asked_headers, s->cors_headers);
	buf_add_str(out, "Access-Control-Max-Age: 600\r\n");
}
