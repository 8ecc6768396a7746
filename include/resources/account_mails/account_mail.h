/*
 * Mails that an administrator has sent to the owner of an account (accounts-api II.8): how to provision a
 * phone, and where to choose a new password.
 *
 * The links in them open something once; the database has only hashes, the mails wait sealed.  Both belong
 * inside a transaction.
 */
#ifndef DIALTONE_RESOURCES_ACCOUNT_MAILS_ACCOUNT_MAIL_H
#define DIALTONE_RESOURCES_ACCOUNT_MAILS_ACCOUNT_MAIL_H

#include "base/refusal.h"
#include "resources/accounts/fields.h"
#include "service/service.h"

extern const struct refusal account_without_email;

/* Who has it sent, and what its text depends on. */
struct mail_order {
	int64_t by;           /* the administrator's account */
	const char *site_url; /* "https://host" of the account's space */
	const char *language; /* "en" */
};

/* A fresh provisioning token, and a link of the wizard that shows how to use it; those before are void. */
MUST_CHECK enum err account_mail_provisioning(
	struct service *s, const struct account *a, const struct mail_order *order);
/* A link that sets a new password; the one before is void. */
MUST_CHECK enum err account_mail_reset_password(
	struct service *s, const struct account *a, const struct mail_order *order);

#endif
