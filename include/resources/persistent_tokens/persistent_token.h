/* The tokens a user's programs keep (cti-api 4.2): sessions of a year, one for each program. */
#ifndef DIALTONE_RESOURCES_PERSISTENT_TOKENS_PERSISTENT_TOKEN_H
#define DIALTONE_RESOURCES_PERSISTENT_TOKENS_PERSISTENT_TOKEN_H

#include "resources/sessions/session.h"

/* The programs a persistent token may be for, NULL-terminated. */
extern const char *const persistent_token_audiences[];

/* Inside a transaction: makes the one token of this audience; the one before ends. */
MUST_CHECK enum err persistent_token_make(struct service *s, const struct identity *who,
	const char *audience, struct opened_session *ret);
MUST_CHECK enum err persistent_token_exists(
	struct service *s, const struct identity *who, const char *audience, bool *ret);
/* Also when there is none. */
MUST_CHECK enum err persistent_token_end(
	struct service *s, const struct identity *who, const char *audience);

#endif
