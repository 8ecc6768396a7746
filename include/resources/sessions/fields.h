/*
 * A session: one JWT, known by its jti, and what is told about it to its owner (cti-api 4.3).
 * Plain data; texts belong to the arena it was read into.  The token itself is nowhere in it.
 */
#ifndef DIALTONE_RESOURCES_SESSIONS_FIELDS_H
#define DIALTONE_RESOURCES_SESSIONS_FIELDS_H

#include "base/field.h"

#define SESSION_JTI_MAX      64  /* characters */
#define SESSION_AUDIENCE_MAX 64  /* characters */
#define LOGIN_NAME_MAX       255 /* characters a client may log in with: name, or name@domain */

struct session {
	const char *jti;
	const char *audience; /* NULL: a login, else a persistent token */
	const char *ip, *user_agent;
	bool otp_verified;
	int64_t issued_at, expires_at, last_used_at; /* microseconds; the last may be 0 */
	bool current;                                /* the one that asks */
};

extern const struct field session_fields[];
extern const struct shape session_shape; /* "Session" */

#endif
