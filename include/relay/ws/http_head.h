/*
 * The head of an HTTP/1.1 request (RFC 9112), as a proxy in front of us sends it: bytes in, slices out.
 *
 * Nothing is copied: the slices point into the bytes given.  Strict where leniency has been used for
 * request smuggling: CRLF line ends only, no folded lines, no space before the colon, one
 * Content-Length, one Host, no transfer codings.  It does not read bodies.
 */
#ifndef DIALTONE_RELAY_WS_HTTP_HEAD_H
#define DIALTONE_RELAY_WS_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define HTTP_HEAD_MAX 8192

struct http_head {
	struct str method;
	struct str path;  /* as sent, without the query */
	struct str query; /* behind the '?'; p is NULL without one */
	bool is_1_1;      /* HTTP/1.1; else 1.0 */
	bool keep_alive;  /* 1.1 without "Connection: close" */
	bool chunked;     /* any Transfer-Encoding */
	bool has_length;
	bool bad_origin; /* Origin holds control characters; it counts as absent */
	uint64_t content_length;
	/* p is NULL when the header is absent; the first of a repeated one. */
	struct str host, origin, upgrade, connection, forwarded_for, forwarded_proto, content_type;
	struct str ws_key, ws_version, asked_method, asked_headers;
};

/*
 * ERR_OK: *ret_used bytes were the head, the empty line included.  ERR_AGAIN: not all of it is here.
 * ERR_LIMIT: longer than HTTP_HEAD_MAX (431).  ERR_PROTOCOL: not a request (400).
 */
MUST_CHECK enum err http_head_parse(struct str bytes, struct http_head *ret, size_t *ret_used);

/* Whether a comma-separated list such as Connection's holds the word, in any case. */
bool http_list_has(struct str list, struct str word);

/* The first value of a query parameter, percent-decoded into out (cap bytes, NUL included).
 * False when it is absent, badly encoded or too long. */
bool http_query_get(struct str query, const char *name, char *out, size_t cap);
/* Whether the parameter is there at all. */
bool http_query_has(struct str query, const char *name);

#endif
