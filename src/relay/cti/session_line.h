/*
 * What the log says of a session: that it was logged in, refused or taken over, and how it ended, each with
 * enough to find the others by (docs/monitoring.md has the fields).
 *
 * A session that was logged in has a line of its own for each; what strangers cause is sampled.  A token is in none.
 */
#ifndef DIALTONE_RELAY_CTI_SESSION_LINE_H
#define DIALTONE_RELAY_CTI_SESSION_LINE_H

#include "relay/core/core.h"

struct predecessor;

/* Why a login is refused. */
enum login_refusal {
	LOGIN_MALFORMED,   /* the arguments are not those of a login */
	LOGIN_TOKEN,       /* the token is none of ours, is over, or is another user's */
	LOGIN_SESSION,     /* its session has ended, or is not fully verified */
	LOGIN_PERMISSIONS, /* the user may hear more than a client can */
	LOGIN_REFUSALS
};

void session_line_login(const struct cti_client *c);
void session_line_refused(const struct cti_client *c, enum login_refusal why);
/* c is in use now, in the place of old. */
void session_line_takeover(const struct cti_client *c, const struct predecessor *old);
/* It left, or its transport ends. */
void session_line_close(struct cti_client *c, const struct sio_closing *closing);

#endif
