/* Confirmation keys in the database. */
#ifndef DIALTONE_RESOURCES_REGISTRATION_REGISTRATION_PRIV_H
#define DIALTONE_RESOURCES_REGISTRATION_REGISTRATION_PRIV_H

#include "resources/registration/confirmation.h"

struct confirmation_row {
	int64_t account_id;
	struct str sealed;
	const char *kind; /* "email", "phone"; NULL: any */
	int64_t expires_at, attempts_max;
};

struct confirmation_tried {
	struct str sealed;
	bool expired;
};

/* Locks the account first, as everything does that changes both. */
MUST_CHECK enum err confirmation_store_put(struct service *s, const struct confirmation_row *row);
/* Counts an attempt. ERR_NOT_FOUND: there is no such key, or none is left. */
MUST_CHECK enum err confirmation_store_try(
	struct service *s, const struct confirmation_row *row, struct confirmation_tried *ret);
MUST_CHECK enum err confirmation_store_give_back(
	struct service *s, const struct confirmation_row *row);
/* Takes exactly this one away. ERR_NOT_FOUND: it is gone. */
MUST_CHECK enum err confirmation_store_take(struct service *s, const struct confirmation_row *row);
/* [{"algorithm": ..., "password": HA1}, ...] */
MUST_CHECK enum err confirmation_store_ha1s(
	struct service *s, int64_t account_id, const char **ret);

#endif
