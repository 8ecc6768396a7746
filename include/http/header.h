/*
 * The header values we read: Cookie, Authorization, Digest credentials, Content-Type, Accept,
 * Accept-Language.  From is base/sip_address.h's.
 *
 * Slices in, slices out; nothing here knows a request or decides who the caller is.
 */
#ifndef DIALTONE_HTTP_HEADER_H
#define DIALTONE_HTTP_HEADER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "text/language.h"

/* The first cookie of that name (RFC 6265, 4.2.1), double quotes around it removed. */
bool header_cookie(struct str header, const char *name, struct str *ret);

/* "Bearer abc" -> "Bearer", "abc" (RFC 9110, 11.4). False when there is no scheme. The rest may be
 * empty. */
bool header_authorization(struct str header, struct str *ret_scheme, struct str *ret_rest);

/* RFC 7616, 3.4.  A member is NULL when it was not sent. */
struct digest_credentials {
	const char *realm, *username, *nonce, *uri, *nc, *cnonce, *qop, *response, *opaque,
		*algorithm;
};

/* What follows "Digest ".  Any order, quoted (with escapes) or bare, unknown names skipped.
 * ERR_BAD_REQUEST when it is not a list of name=value, or a known name comes twice. */
enum err header_digest(struct arena *a, struct str s, struct digest_credentials *ret) MUST_CHECK;

enum media {
	MEDIA_NONE,      /* no Content-Type */
	MEDIA_JSON,      /* application/json, any +json */
	MEDIA_FORM,      /* application/x-www-form-urlencoded */
	MEDIA_MULTIPART, /* multipart/form-data */
	MEDIA_OTHER
};

/* Parameters are ignored. */
enum media header_media(struct str content_type);

/* The q among the parameters of a range, in thousandths (RFC 9110, 12.4.2): 1000 when there is none,
 * 0 when it makes no sense. */
int header_quality(struct str parameters);

/* An Accept header names this media type itself (wildcards do not count) with q above 0. */
bool header_accepts(struct str accept, const char *type);

/* The best match of an Accept-Language header (RFC 9110, 12.5.4): highest q first, then the order
 * given; "fr-CA" finds French.  English when nothing matches or the header is not understood. */
enum language language_choose(struct str accept_language);

#endif
