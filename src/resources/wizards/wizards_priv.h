/* Links of the wizard in the database. */
#ifndef DIALTONE_RESOURCES_WIZARDS_PRIV_H
#define DIALTONE_RESOURCES_WIZARDS_PRIV_H

#include "resources/wizards/wizard.h"

struct wizard_row {
	int64_t account_id, expires_at;
	struct str token_sealed; /* of an account's provisioning token that is good; none: p NULL */
	int64_t token_expires_at;
};

/* Both ERR_NOT_FOUND. */
MUST_CHECK enum err wizard_store_find(
	struct service *s, const char *domain, struct str hash, struct wizard_row *ret);
/* Uses it up, in one statement, and locks its account. */
MUST_CHECK enum err wizard_store_take(
	struct service *s, const char *domain, struct str hash, int64_t *ret_account_id);

#endif
