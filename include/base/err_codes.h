/*
 * What machinery, crypto and identity end with, and what any rule may: every code declared once.  A
 * reason of one rule alone is no code but a struct refusal beside it (service/refusal.h).
 *
 * Each row: name, HTTP status, key, text in English.  The key is a promise to clients (it is the
 * `type` of a problem document); the text is what a client reads when nothing better is known.  From
 * these rows come `enum err`, `err_table`, the OpenAPI responses and the reference page.
 *
 * Rows whose status is 0 never reach a client: they are outcomes between our own layers.
 */
#ifndef DIALTONE_BASE_ERR_CODES_H
#define DIALTONE_BASE_ERR_CODES_H

/* clang-format off */
#define ERR_CODES(X) \
	X(BAD_REQUEST, 400, "bad_request", UNTRANSLATED("The request is not understood.")) \
	X(BAD_JSON, 400, "bad_json", UNTRANSLATED("Invalid JSON")) \
	X(UNAUTHENTICATED, 401, "unauthenticated", "Authentication is required.") \
	X(DIGEST_STALE, 401, "digest_stale", UNTRANSLATED("Nonce expired")) \
	X(DIGEST_INVALID, 401, "digest_invalid", UNTRANSLATED("Nonce invalid")) \
	X(DIGEST_REPLAYED, 401, "digest_replayed", UNTRANSLATED("Nonce replayed")) \
	X(DIGEST_ALGORITHM, 401, "digest_algorithm", UNTRANSLATED("Wrong algorithm")) \
	X(DIGEST_REFUSED, 401, "digest_refused", UNTRANSLATED("Unauthorized")) \
	X(TOKEN_MISSING, 401, "token_missing", UNTRANSLATED("missing token")) \
	X(TOKEN_INVALID, 401, "token_invalid", UNTRANSLATED("invalid token")) \
	X(TOKEN_EXPIRED, 401, "token_expired", UNTRANSLATED("token is expired")) \
	X(TOKEN_REVOKED, 401, "token_revoked", UNTRANSLATED("token revoked")) \
	X(FORBIDDEN, 403, "forbidden", "You may not access this resource.") \
	X(BLOCKED, 403, "blocked", "This account is blocked.") \
	X(SPACE_EXPIRED, 403, "space_expired", "This space has expired.") \
	X(NOT_FOUND, 404, "not_found", "No such resource.") \
	X(METHOD_NOT_ALLOWED, 405, "method_not_allowed", \
	  UNTRANSLATED("This method is not available here.")) \
	X(CONFLICT, 409, "conflict", UNTRANSLATED("This conflicts with what is stored.")) \
	X(GONE, 410, "gone", UNTRANSLATED("This is no longer available.")) \
	X(TOO_LARGE, 413, "too_large", UNTRANSLATED("request body too large")) \
	X(UNSUPPORTED_TYPE, 415, "unsupported_type", UNTRANSLATED("This content type is not understood.")) \
	X(INVALID, 422, "invalid", "Some parameters are not acceptable.") \
	X(TOO_MANY, 429, "too_many", UNTRANSLATED("too many requests")) \
	X(INTERNAL, 500, "internal", UNTRANSLATED("The server failed.")) \
	X(UNAVAILABLE, 503, "unavailable", "The service is not available, retry later.") \
	X(AGAIN, 0, "again", "more input is needed") \
	X(PROTOCOL, 0, "protocol", "the peer broke the protocol") \
	X(LIMIT, 0, "limit", "a limit was passed") \
	X(REFUSED, 0, "refused", "a rule refuses, and keeps why (service/refusal.h)") \
	X(RETRY, 0, "retry", "the transaction must be run again")
/* clang-format on */

#endif
