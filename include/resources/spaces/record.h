/*
 * A space as super administrators see and change it (O-SPACE, accounts-api II.1), and its life: made, changed,
 * ended.  What requests need of a space is struct space of resources/spaces/fields.h.
 *
 * Changes belong inside a transaction: they add everything that is wrong to s->errors and answer ERR_INVALID
 * before anything is changed.  Every process knows of them when they are committed.  own_domain is the
 * caller's ("" for an operator): space_is_own when they would end their own space, or take its `super`.
 */
#ifndef DIALTONE_RESOURCES_SPACES_RECORD_H
#define DIALTONE_RESOURCES_SPACES_RECORD_H

#include "base/rows.h"
#include "base/subject.h"
#include "resources/spaces/fields.h"
#include "service/refusal.h"
#include "service/service.h"

extern const struct refusal space_is_own;

/* {domain} of a path: struct space_record. */
extern const struct subject space_subject;

/* struct space_record; of a caller in a super space, else none. */
extern const struct subject spaces_all;
/* ERR_NOT_FOUND. */
MUST_CHECK enum err space_record_get(
	struct service *s, const char *domain, struct space_record *ret);

/* Switches that are not given have their defaults. */
MUST_CHECK enum err space_create(
	struct service *s, const struct space_record *in, struct space_record *ret);
/* The whole of it, but for what PUT may leave out: unique_email, client_certificate_authentication, how DIGEST
 * and OIDC are configured.  Texts that are not given are cleared. */
MUST_CHECK enum err space_update(struct service *s, const char *own_domain,
	const struct space_record *space, const struct space_record *in, struct space_record *ret);

/* It exists for no client any more when this is committed; dialtone-jobs removes what belongs to it, and until
 * then its domain is not given away. */
MUST_CHECK enum err space_delete(
	struct service *s, const char *own_domain, const struct space_record *space);

#endif
