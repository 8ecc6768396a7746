/*
 * The contacts of an account: other accounts, shown in its phones' address books (accounts-api I.11).
 *
 * It was given some in person, and has those of its contacts lists (resources/contacts_lists).
 */
#ifndef DIALTONE_RESOURCES_CONTACTS_CONTACT_H
#define DIALTONE_RESOURCES_CONTACTS_CONTACT_H

#include "base/rows.h"
#include "base/subject.h"
#include "resources/accounts/fields.h"
#include "resources/contacts/fields.h"
#include "service/service.h"

/* {sip}: struct contact, one of the caller's, of whatever domain. */
extern const struct subject contact_own;
/* {id}, {contact_id}: struct account, one given in person, of the same space. */
extern const struct subject contact_account;
/* {id}, {contact_id}: struct contact_link; of two accounts that are there, and of any second one. */
extern const struct subject contact_to_be, contact_or_type;

/* There are more contacts than one answer holds. */
extern const struct refusal contacts_too_many;

/* Those of the caller, those on its lists included, one more than are shown where there are more: struct contact;
 * what {id} was given in person: struct account. */
extern const struct subject contacts_own, contacts_of_account;
/* contacts_too_many: there are more than are shown. */
MUST_CHECK enum err contacts_shown(struct service *s, const struct rows *own);
/* contacts as vCards, as phones read them (accounts-api 11), with a LF between two. In the arena. */
const char *contact_vcards(struct arena *arena, const struct contact *contacts, size_t n);

/* One it has already stays. limit_reached. */
MUST_CHECK enum err contact_add(struct service *s, const struct contact_link *l);
/* The contact of that id; where there is none, the type of that id: both seeds print the path of the one
 * for the other.  ERR_NOT_FOUND. */
MUST_CHECK enum err contact_remove(struct service *s, const struct contact_link *l);

#endif
