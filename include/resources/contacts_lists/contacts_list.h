/*
 * Contacts lists: what is on them and who has them (accounts-api I.14).
 *
 * A list, its contacts and the accounts that have it are of one space; an account that moves to another
 * one leaves them.
 */
#ifndef DIALTONE_RESOURCES_CONTACTS_LISTS_CONTACTS_LIST_H
#define DIALTONE_RESOURCES_CONTACTS_LISTS_CONTACTS_LIST_H

#include "base/rows.h"
#include "base/subject.h"
#include "resources/contacts_lists/fields.h"
#include "service/service.h"

extern const struct subject contacts_list_subject; /* {id}: struct contacts_list */
/* struct contacts_list_link.  {id} of a list with {contact_id}, and {id} of an account with
 * {contacts_list_id}: to link what is there on both sides, and to unlink whatever is named second. */
extern const struct subject contacts_list_with_contact, contacts_list_without_contact,
	contacts_list_for_account, contacts_list_of_account;

/* The account has that list already, or has not. */
extern const struct refusal contacts_list_attached, contacts_list_not_attached;

/* By id: struct contacts_list. */
extern const struct subject contacts_lists_of_space;
/* ERR_INVALID: the title is in use. limit_reached. */
MUST_CHECK enum err contacts_list_create(struct service *s, const char *domain,
	const struct contacts_list *in, struct contacts_list *ret);
MUST_CHECK enum err contacts_list_update(struct service *s, const struct contacts_list *now,
	const struct contacts_list *in, struct contacts_list *ret);
MUST_CHECK enum err contacts_list_delete(
	struct service *s, const struct contacts_list *l, int64_t *ret_count);

/* One that is on it stays. limit_reached. */
MUST_CHECK enum err contacts_list_put_on(struct service *s, const struct contacts_list_link *l);
/* ERR_NOT_FOUND. */
MUST_CHECK enum err contacts_list_take_off(struct service *s, const struct contacts_list_link *l);
/* contacts_list_attached, limit_reached. */
MUST_CHECK enum err contacts_list_attach(struct service *s, const struct contacts_list_link *l);
/* contacts_list_not_attached. */
MUST_CHECK enum err contacts_list_detach(struct service *s, const struct contacts_list_link *l);

#endif
