/* The links of mails in the database. */
#ifndef DIALTONE_RESOURCES_ACCOUNT_MAILS_ACCOUNT_MAILS_PRIV_H
#define DIALTONE_RESOURCES_ACCOUNT_MAILS_ACCOUNT_MAILS_PRIV_H

#include "service/service.h"

/* The one before that was not used is gone. */
MUST_CHECK enum err reset_token_store_put(struct service *s, int64_t account_id, struct str hash,
	const char *email, int64_t expires_at);
/* by: who made it. The account's others that were not used are gone. */
MUST_CHECK enum err wizard_store_put(
	struct service *s, int64_t account_id, struct str hash, int64_t by);

#endif
