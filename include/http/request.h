/*
 * One HTTP request as nginx hands it over: the FastCGI environment, read once (stack-notes 8).
 *
 * Slices borrow the environment or the arena; an absent header is empty.  A header that is not UTF-8
 * or holds control characters counts as absent: it could not be stored, logged or compared.
 *
 * It does no routing, and it does not read the body until asked, because the route sets the limit.
 */
#ifndef DIALTONE_HTTP_REQUEST_H
#define DIALTONE_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/request_id.h"
#include "base/str.h"
#include "text/language.h"

#define REQUEST_SEGMENTS_MAX 12

enum method {
	METHOD_OTHER,
	METHOD_GET,
	METHOD_HEAD,
	METHOD_POST,
	METHOD_PUT,
	METHOD_PATCH,
	METHOD_DELETE,
	METHOD_OPTIONS,
	METHOD_COUNT
};

/* Copies up to n bytes of the body; less than n only at its end. */
typedef size_t (*body_read_fn)(void *source, char *p, size_t n);

struct request {
	struct arena *arena;
	/* ERR_BAD_REQUEST: the target is not well formed; ERR_NOT_FOUND: deeper than any of ours.
	 * The rest is filled in all the same, so that the answer can be in the right shape. */
	enum err fault;

	enum method method;
	struct str method_name; /* as sent */
	struct str target;      /* path and query as sent: the `uri` of Digest names it */
	struct str path;        /* as sent, without the query */
	/* "/api/accounts/a%2Fb/" is { "api", "accounts", "a/b" }: decoded one by one, one trailing
	 * slash dropped. None for "/". */
	struct str segment[REQUEST_SEGMENTS_MAX];
	size_t segments;
	struct str query; /* undecoded, without the '?' */

	char id[REQUEST_ID_SIZE]; /* nginx's, or made here */
	const char *host;         /* lower-case, without port and trailing dot; "" when absent */
	struct str authority;     /* the Host header as sent, with its port */
	struct str remote_addr;   /* the client, as nginx settled it */
	bool secure;              /* https */
	bool internal;            /* came in through the inner listener: DIALTONE_INTERNAL is "1" */
	enum language language;   /* from Accept-Language */

	struct str authorization, api_key, cookie, from, accept, accept_language, content_type,
		content_encoding, user_agent, origin, sec_fetch_site, auth_exp, preflight_method;
	/* Of a client certificate, as nginx says it: "SUCCESS" when it is good, and its subject. */
	struct str certificate_verified, certificate_subject;
	bool linphone_provisioning; /* X-Linphone-Provisioning is there, whatever it says */

	struct str content_length; /* as sent; "" when absent */
	body_read_fn read;
	void *source;
	bool body_known;
	struct str body;
};

/* envp: NULL-terminated "NAME=value", outlives the request.  The first of a repeated name counts.
 * read may be NULL: no body. */
void request_init(struct request *r, struct arena *a, const char *const *envp, body_read_fn read,
	void *source);

/* "GET"; "OTHER" for a method we do not know. */
const char *method_name(enum method m);

/* Whether it names the origin of a page, and that is our own. */
bool request_is_from_own_origin(const struct request *r);
/* Whether a browser says that another site's page asks; nothing is said for what has no browser around it. */
bool request_is_cross_origin(const struct request *r);

/* The whole body, NUL-terminated, in the arena; asked again, the same.  ERR_TOO_LARGE when
 * CONTENT_LENGTH is above max: nothing is read then.  ERR_BAD_REQUEST when CONTENT_LENGTH is no
 * number, or more or fewer bytes come. */
enum err request_body(struct request *r, size_t max, struct str *ret) MUST_CHECK;

#endif
