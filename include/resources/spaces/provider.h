/*
 * Tokens of a space's identity provider as a credential (accounts-api 3.4).
 *
 * A provider speaks for the accounts of its space alone: those that a token names by their SIP address or,
 * where it names none, by their e-mail address.  What the provider asked of its user, a second factor too, is
 * its business.
 */
#ifndef DIALTONE_RESOURCES_SPACES_PROVIDER_H
#define DIALTONE_RESOURCES_SPACES_PROVIDER_H

#include "base/str.h"
#include "resources/spaces/fields.h"
#include "service/caller.h"
#include "service/refusal.h"
#include "service/service.h"
#include "service/subject.h"

/* Whether the token is for identity_by_provider(): its header names another algorithm than our own. */
bool provider_made(struct service *s, struct str token);

extern const struct refusal provider_account_unknown; /* 403 */

/* ERR_TOKEN_INVALID, ERR_TOKEN_EXPIRED, with the reason in *ret_why; provider_account_unknown: it names no
 * account of the space.  `also` as in identity/prove.h, where the token is good. */
MUST_CHECK enum err identity_by_provider(struct service *s, const struct space *space,
	struct str token, struct subject_lookup *also, struct identity *ret, const char **ret_why);

#endif
