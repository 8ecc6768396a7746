/*
 * The HMAC login of old clients (cti-api 1.15): a nonce for a password, and afterwards a token that
 * both sides computed.
 *
 * Nothing of it is in PostgreSQL.  A token is bound to the stored password: a new password ends it.
 * It lives 10 days from its last use and 30 at most; one asked for without expiry a year.
 */
#ifndef DIALTONE_RESOURCES_HMAC_LOGIN_HMAC_LOGIN_H
#define DIALTONE_RESOURCES_HMAC_LOGIN_HMAC_LOGIN_H

#include "crypto/hmac_token.h"
#include "resources/hmac_login/fields.h"
#include "service/service.h"
#include "service/caller.h"
#include "resources/spaces/fields.h"

struct hmac_login {
	const char *username; /* user, user@domain or the number of an extension, as typed */
	const char *password;
};

/* The old paths, or this kind of login, are switched off. */
extern const struct refusal deprecated_gone;

/* login_refused: wrong, unknown, blocked, or with two-factor authentication, all alike.
 * ERR_UNAVAILABLE: without Redis there is nowhere to keep the token. */
MUST_CHECK enum err hmac_login(struct service *s, const struct space *space,
	const struct hmac_login *in, bool lasting, char ret_nonce[HMAC_TOKEN_SIZE]);

/* Who that token is, and renews it; a name without domain is one of the space, or with NULL of the
 * domain the token is for. ERR_UNAUTHENTICATED, ERR_UNAVAILABLE. */
MUST_CHECK enum err identity_by_hmac(struct service *s, const struct space *space,
	const char *username, struct str token, struct identity *ret);

/* The same for a relay, which keeps no token but the id of the session it opened: that is no secret
 * and proves nothing where a client could send it. */
MUST_CHECK enum err identity_by_hmac_session(
	struct service *s, const char *username, struct str id, struct identity *ret);

/* Ends that token and its sockets; with `lasting` the one without expiry of its account. */
MUST_CHECK enum err hmac_logout(
	struct service *s, const struct identity *who, struct str token, bool lasting);

/* The latest first. */
MUST_CHECK enum err hmac_login_report(
	struct service *s, struct deprecated_use **ret, size_t *ret_count);

/* Counts one request below /webrest. username may be what a client only claims: whether there is such
 * an account is seen when it is written. */
void hmac_login_count_use(
	struct service *s, const char *domain, struct str username, struct str user_agent);
/* Writes the uses that were counted in s->deprecated_uses (base/tally.h). */
void hmac_login_uses_flush(struct service *s);

#endif
