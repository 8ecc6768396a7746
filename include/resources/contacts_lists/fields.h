/* A contacts list (O-LIST, accounts-api section 4): accounts of a space under a title. */
#ifndef DIALTONE_RESOURCES_CONTACTS_LISTS_FIELDS_H
#define DIALTONE_RESOURCES_CONTACTS_LISTS_FIELDS_H

#include "base/field.h"

/* Characters. */
#define CONTACTS_LIST_TITLE_MAX       255
#define CONTACTS_LIST_DESCRIPTION_MAX 4096

#define CONTACTS_LISTS_MAX         1000  /* of a space */
#define CONTACTS_LISTS_OF_ONE_MAX  64    /* of an account */
#define CONTACTS_LIST_CONTACTS_MAX 10000 /* of a list */

struct contacts_list {
	int64_t id;
	const char *domain;
	const char *title, *description;
	int64_t created_at, updated_at;
	int64_t space_id, contacts_count;
};
extern const struct field contacts_list_fields[];
extern const struct shape contacts_list_shape; /* "ContactsList" */

/* A list, and a contact that is on it or an account that has it; or may be. */
struct contacts_list_link {
	int64_t list_id, account_id;
	int64_t count; /* how many the list, or the account, has; not known where a link is to end */
};
extern const struct field contacts_list_link_fields[];

#endif
