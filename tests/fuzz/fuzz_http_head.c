#include "relay/ws/http_head.h"

#include "fuzz.h"
#include "relay/ws/upgrade.h"

static void check_inside(struct str whole, struct str part)
{
	if (part.p)
		require(part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

/* So that nothing can be smuggled into an answer or a log. */
static void check_harmless(struct str part)
{
	for (size_t i = 0; i < part.n; i++) {
		unsigned char c = (unsigned char)part.p[i];

		require((c >= ' ' || c == '\t') && c != 0x7f);
	}
}

static void check_slices(struct str whole, const struct http_head *h)
{
	const struct str parts[] = { h->method, h->path, h->query, h->host, h->origin, h->upgrade,
		h->connection, h->forwarded_for, h->content_type, h->ws_key, h->ws_version,
		h->asked_method, h->asked_headers };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		check_inside(whole, parts[i]);
		check_harmless(parts[i]);
	}
	require(!h->bad_origin || !h->origin.p);
}

static void check_query(struct str query)
{
	static const char *const names[] = { "EIO", "transport", "sid", "t", "b64", "j" };
	char value[40];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (http_query_get(query, names[i], value, sizeof(value)))
			require(strlen(value) < sizeof(value) && http_query_has(query, names[i]));
}

/* Part of a head is never taken for one: what comes in pieces is read the same. */
static void check_cut(struct str whole, size_t used)
{
	struct http_head again;
	size_t n;

	for (size_t cut = used - 1; cut > 0; cut /= 2)
		require(http_head_parse((struct str){ whole.p, cut }, &again, &n) == ERR_AGAIN);
	require(http_head_parse((struct str){ whole.p, used }, &again, &n) == ERR_OK && n == used);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = fuzz_input(data, size);
	struct http_head head;
	struct buf answer;
	size_t used = 0;

	if (http_head_parse(bytes, &head, &used) != ERR_OK)
		return 0;
	require(used <= size && used <= HTTP_HEAD_MAX);
	check_slices(bytes, &head);
	check_query(head.query);
	check_cut(bytes, used);
	if (!upgrade_is_asked(&head) || !upgrade_is_valid(&head))
		return 0;
	buf_init(&answer, 1024);
	upgrade_answer_put(&answer, &head, NULL);
	require(!answer.overflow && str_starts(buf_str(&answer), "HTTP/1.1 101 "));
	buf_finish(&answer);
	return 0;
}
