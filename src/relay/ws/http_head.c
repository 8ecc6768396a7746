#include "relay/ws/http_head.h"

#include <string.h>

#include "base/encode.h"

#define HTTP_LENGTH_MAX (1024 * 1024 * 1024)

/* Headers kept as they are; the others are checked for form and dropped. */
static const struct {
	const char *name;
	size_t at;
	bool once; /* it may not be repeated (RFC 9112, 3.2; RFC 6455, 11.3.1) */
} kept[] = {
	{ "host", offsetof(struct http_head, host), true },
	{ "origin", offsetof(struct http_head, origin), false },
	{ "upgrade", offsetof(struct http_head, upgrade), false },
	{ "connection", offsetof(struct http_head, connection), false },
	{ "x-forwarded-for", offsetof(struct http_head, forwarded_for), false },
	{ "x-forwarded-proto", offsetof(struct http_head, forwarded_proto), false },
	{ "content-type", offsetof(struct http_head, content_type), false },
	{ "sec-websocket-key", offsetof(struct http_head, ws_key), true },
	{ "sec-websocket-version", offsetof(struct http_head, ws_version), false },
	{ "access-control-request-method", offsetof(struct http_head, asked_method), false },
	{ "access-control-request-headers", offsetof(struct http_head, asked_headers), false },
};

static bool is_token(struct str s)
{
	static const char extra[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool alnum =
			(c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!alnum && !memchr(extra, c, sizeof(extra) - 1))
			return false;
	}
	return s.n > 0;
}

static bool is_visible(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return false;
	return s.n > 0;
}

/* Header values may hold spaces, tabs and bytes above ASCII, but no other control character. */
static bool is_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}

static enum err parse_request_line(struct str line, struct http_head *h)
{
	struct str target;

	h->method = str_split(&line, ' ');
	target = str_split(&line, ' ');
	if (!is_token(h->method) || !is_visible(target) || target.p[0] != '/')
		return ERR_PROTOCOL;
	h->is_1_1 = str_is(line, "HTTP/1.1");
	if (!h->is_1_1 && !str_is(line, "HTTP/1.0"))
		return ERR_PROTOCOL;
	h->path = str_split(&target, '?');
	h->query = target;
	return ERR_OK;
}

static enum err note_header(struct http_head *h, struct str name, struct str value)
{
	if (str_case_is(name, "content-length")) {
		if (h->has_length || !str_to_uint(value, HTTP_LENGTH_MAX, &h->content_length))
			return ERR_PROTOCOL;
		h->has_length = true;
	} else if (str_case_is(name, "transfer-encoding")) {
		h->chunked = true;
	}
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		struct str *slot = (struct str *)(void *)((char *)h + kept[i].at);

		if (!str_case_is(name, kept[i].name))
			continue;
		if (slot->p && kept[i].once)
			return ERR_PROTOCOL;
		if (!slot->p)
			*slot = value;
	}
	return ERR_OK;
}

static enum err parse_header(struct str line, struct http_head *h)
{
	struct str name = str_split(&line, ':');

	if (!line.p || !is_token(name))
		return ERR_PROTOCOL;
	if (is_value(line))
		return note_header(h, name, str_trim(line));
	/* Engine.IO has an answer of its own to this one. */
	h->bad_origin = str_case_is(name, "origin");
	return h->bad_origin ? ERR_OK : ERR_PROTOCOL;
}

/* The line up to the CRLF at or after *at; *at moves behind it. */
static bool next_line(struct str bytes, size_t *at, struct str *ret)
{
	const char *from = bytes.p + *at;
	const char *nl = memchr(from, '\n', bytes.n - *at);

	if (!nl)
		return false;
	*ret = (struct str){ from, (size_t)(nl - from) };
	*at += ret->n + 1;
	return true;
}

static bool cut_cr(struct str *line)
{
	if (line->n == 0 || line->p[line->n - 1] != '\r')
		return false;
	line->n--;
	return true;
}

enum err http_head_parse(struct str bytes, struct http_head *ret, size_t *ret_used)
{
	struct http_head h = { 0 };
	struct str line;
	size_t at = 0;
	enum err e = ERR_OK;

	for (bool first = true; next_line(bytes, &at, &line); first = false) {
		if (at > HTTP_HEAD_MAX)
			return ERR_LIMIT;
		if (!cut_cr(&line))
			return ERR_PROTOCOL;
		if (line.n == 0 && !first) {
			h.keep_alive = h.is_1_1 && !http_list_has(h.connection, STR("close"));
			if (h.bad_origin)
				h.origin = (struct str){ 0 };
			*ret = h;
			*ret_used = at;
			return ERR_OK;
		}
		e = first ? parse_request_line(line, &h) : parse_header(line, &h);
		if (e != ERR_OK)
			return e;
	}
	return bytes.n >= HTTP_HEAD_MAX ? ERR_LIMIT : ERR_AGAIN;
}

bool http_list_has(struct str list, struct str word)
{
	while (list.p) {
		struct str item = str_trim(str_split(&list, ','));

		if (str_case_eq(item, word))
			return true;
	}
	return false;
}

static bool query_find(struct str query, const char *name, struct str *ret)
{
	while (query.p) {
		*ret = str_split(&query, '&');
		if (str_is(str_split(ret, '='), name))
			return true;
	}
	return false;
}

bool http_query_get(struct str query, const char *name, char *out, size_t cap)
{
	struct str value;
	size_t n;

	return query_find(query, name, &value) && percent_decode(out, cap, value, 0, &n) &&
	       strlen(out) == n;
}

bool http_query_has(struct str query, const char *name)
{
	struct str value;

	return query_find(query, name, &value);
}
