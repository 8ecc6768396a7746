/* Contacts lists in the database. ERR_NOT_FOUND: there is none. */
#ifndef DIALTONE_RESOURCES_CONTACTS_LISTS_CONTACTS_LISTS_PRIV_H
#define DIALTONE_RESOURCES_CONTACTS_LISTS_CONTACTS_LISTS_PRIV_H

#include "resources/contacts_lists/fields.h"
#include "service/service.h"

/* ERR_CONFLICT: the title is in use (contacts_lists_title_key); ERR_NOT_FOUND: there are enough. */
MUST_CHECK enum err contacts_list_store_insert(
	struct service *s, const struct contacts_list *l, struct contacts_list *ret);
MUST_CHECK enum err contacts_list_store_update(
	struct service *s, const struct contacts_list *l, struct contacts_list *ret);

/* *ret_count 0: nothing had to be done. ERR_CONFLICT: one side of the link is gone. */
MUST_CHECK enum err contacts_list_store_put_on(
	struct service *s, const struct contacts_list_link *l, int64_t *ret_count);
MUST_CHECK enum err contacts_list_store_take_off(
	struct service *s, const struct contacts_list_link *l, int64_t *ret_count);
MUST_CHECK enum err contacts_list_store_attach(
	struct service *s, const struct contacts_list_link *l, int64_t *ret_count);
MUST_CHECK enum err contacts_list_store_detach(
	struct service *s, const struct contacts_list_link *l, int64_t *ret_count);

#endif
