/*
 * Logging in and out with a JWT (cti-api 1.1 to 1.4).
 */
#ifndef DIALTONE_RESOURCES_SESSIONS_LOGIN_H
#define DIALTONE_RESOURCES_SESSIONS_LOGIN_H

#include "service/service.h"
#include "resources/sessions/session.h"
#include "service/caller.h"
#include "resources/spaces/fields.h"

struct cti_login {
	const char *username; /* "user" or "user@domain", any case */
	const char *password;
};

extern const struct refusal login_refused;

/* login_refused: wrong password, unknown or blocked user, too many failures: all told in the
 * same time.
 * ERR_SPACE_EXPIRED.  Older sessions stay. */
MUST_CHECK enum err cti_login(struct service *s, const struct space *space,
	const struct cti_login *in, struct opened_session *ret);

/* Ends the session of this token and no other. ERR_TOKEN_REVOKED when it had ended already. */
MUST_CHECK enum err cti_logout(struct service *s, const struct identity *who);

#endif
