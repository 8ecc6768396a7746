/* The vCards that accounts keep on the server (accounts-api II.12). */
#ifndef DIALTONE_RESOURCES_VCARDS_VCARDS_H
#define DIALTONE_RESOURCES_VCARDS_VCARDS_H

#include "base/rows.h"
#include "base/subject.h"
#include "resources/vcards/fields.h"
#include "service/service.h"

/* {uuid}: the UID of one of the caller's, with "urn:uuid:" or without; {id}, {uuid}: one of an account in
 * the caller's space.  struct stored_vcard. */
extern const struct subject vcard_own, vcard_of_account;

/* The account has a vCard of that UID. */
extern const struct refusal vcard_known;

/* Those of the caller, those of {id}; the oldest first: struct stored_vcard. */
extern const struct subject vcards_own, vcards_of_account;
/* text is as a client sent it.  ERR_INVALID: it is no vCard; vcard_known, limit_reached; ERR_NOT_FOUND: the
 * account is gone. */
MUST_CHECK enum err vcard_add(
	struct service *s, int64_t account_id, const char *text, struct stored_vcard *ret);
/* ERR_INVALID: it is no vCard, or of another UID; limit_reached; ERR_NOT_FOUND. */
MUST_CHECK enum err vcard_replace(struct service *s, const struct stored_vcard *now,
	const char *text, struct stored_vcard *ret);
/* ERR_NOT_FOUND. */
MUST_CHECK enum err vcard_delete(struct service *s, const struct stored_vcard *v);

#endif
