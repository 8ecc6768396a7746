/* What the files of auth/ share: reading credentials, and the lines of a challenge. */
#ifndef DIALTONE_AUTH_PRIV_H
#define DIALTONE_AUTH_PRIV_H

#include "auth/auth.h"
#include "identity/prove.h"
#include "service/caller.h"
#include "service/service.h"

/* credential.c: the first credential present decides; an invalid one never falls through to another
 * kind.  Fills c->caller; `also` is looked up with it. */
MUST_CHECK enum err credential_prove(struct ctx *c, struct subject_lookup *also);
/* Whether what credential_prove() will ask the database can be known before, and says it ahead (pg_ahead()).  It may
 * turn out to be nothing. */
bool credential_can_be_ahead(const struct ctx *c);
void credential_ahead(struct ctx *c, struct subject_lookup *also);
/* Whether spaces were changed since the list of them was read, as the look-up of the credential says. */
bool credential_is_outdated(const struct ctx *c);
/* "user:jwt": the user has to be the token's. */
MUST_CHECK enum err credential_check_claimed(const struct ctx *c);

/* certificate.c: whether the row takes client certificates, and there is one; whose it is. */
bool certificate_is_shown(const struct ctx *c);
MUST_CHECK enum err certificate_prove(struct ctx *c, struct subject_lookup *also);

/* challenge.c: whether it is the token that is at fault. */
bool challenge_is_for_token(enum err e);
/* The challenge lines of one account, RFC 7616 3.3. */
void challenge_add(struct ctx *c, const struct digest_challenge *ch);

#endif
