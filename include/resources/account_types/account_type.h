/* Types of accounts, and which account has which (accounts-api I.15). */
#ifndef DIALTONE_RESOURCES_ACCOUNT_TYPES_ACCOUNT_TYPE_H
#define DIALTONE_RESOURCES_ACCOUNT_TYPES_ACCOUNT_TYPE_H

#include "base/rows.h"
#include "base/subject.h"
#include "resources/account_types/fields.h"
#include "service/service.h"

extern const struct subject account_type_subject; /* {id}: struct account_type */
/* {id}, {type_id}: struct account_type_link of an account in the caller's space.  The first wants a type
 * that is there, the second any. */
extern const struct subject account_type_attachable, account_type_detachable;

/* The account has that type already, or has not. */
extern const struct refusal account_type_attached, account_type_not_attached;

/* By id: struct account_type. */
extern const struct subject account_types_all;
/* ERR_INVALID: the key is in use. limit_reached. */
MUST_CHECK enum err account_type_create(
	struct service *s, const struct account_type *in, struct account_type *ret);
/* Its accounts show the new key at once. ERR_INVALID as above. */
MUST_CHECK enum err account_type_update(struct service *s, const struct account_type *now,
	const struct account_type *in, struct account_type *ret);
/* Its accounts lose it. */
MUST_CHECK enum err account_type_delete(struct service *s, int64_t id, int64_t *ret_count);

/* account_type_attached, limit_reached. */
MUST_CHECK enum err account_type_attach(struct service *s, const struct account_type_link *l);
/* account_type_not_attached. */
MUST_CHECK enum err account_type_detach(struct service *s, const struct account_type_link *l);
/* ERR_NOT_FOUND: the account has no such type. */
MUST_CHECK enum err account_type_detach_if_any(
	struct service *s, const struct account_type_link *l);

#endif
