/*
 * The link of a mail that helps people to set up a phone (accounts-api II.17): a page with the provisioning address
 * of the account as a QR code and as a link.
 *
 * Looking at it uses nothing up, as mail programs look at links, too.  Its button does: from then on the link is
 * as unknown as one that is foreign, expired or of a blocked account, ERR_NOT_FOUND, and the account has a fresh
 * provisioning token.
 */
#ifndef DIALTONE_RESOURCES_WIZARDS_WIZARD_H
#define DIALTONE_RESOURCES_WIZARDS_WIZARD_H

#include "service/service.h"

struct wizard {
	int64_t account_id;
	/* Of the account; NULL while there is none, or it has expired. */
	const char *provisioning_token;
	int64_t expires_at; /* of the link, or of that token where it ends first */
};

/* domain: of the request's space. */
MUST_CHECK enum err wizard_look(
	struct service *s, const char *domain, const char *token, struct wizard *ret);
/* Inside a transaction. expires_at is that of the fresh token, 0: never. */
MUST_CHECK enum err wizard_use(
	struct service *s, const char *domain, const char *token, struct wizard *ret);

#endif
