/* External accounts in the database. */
#ifndef DIALTONE_RESOURCES_EXTERNAL_ACCOUNTS_EXTERNAL_ACCOUNTS_PRIV_H
#define DIALTONE_RESOURCES_EXTERNAL_ACCOUNTS_EXTERNAL_ACCOUNTS_PRIV_H

#include "resources/external_accounts/external_account.h"

struct external_row {
	int64_t account_id;
	const char *username, *domain, *realm, *registrar, *outbound_proxy, *protocol;
	const char *ha1; /* NULL keeps the one that is stored */
};

/* No other request changes the account's before the transaction ends. ERR_NOT_FOUND: the account is gone. */
MUST_CHECK enum err external_store_lock(struct service *s, int64_t account_id);
/* ERR_NOT_FOUND: it has none. */
MUST_CHECK enum err external_store_get(
	struct service *s, int64_t account_id, struct external_account *ret);
/* ERR_CONFLICT: another account has this name there. */
MUST_CHECK enum err external_store_put(
	struct service *s, const struct external_row *row, struct external_account *ret);

#endif
