/*
 * The account at another provider that calls of an account go through, one an account (accounts-api II.9).
 * Its password is stored as HA1-MD5 for the SIP side and never told.
 */
#ifndef DIALTONE_RESOURCES_EXTERNAL_ACCOUNTS_EXTERNAL_ACCOUNT_H
#define DIALTONE_RESOURCES_EXTERNAL_ACCOUNTS_EXTERNAL_ACCOUNT_H

#include "base/subject.h"
#include "resources/accounts/fields.h"
#include "resources/external_accounts/fields.h"
#include "service/service.h"

/* Absent members are NULL. */
struct external_input {
	const char *username, *domain, *realm, *registrar, *outbound_proxy, *protocol, *password;
};

/* {id} of a path, of the account: struct external_account in the caller's space. */
extern const struct subject external_account_subject;

/* Makes or replaces it, inside a transaction; ret->is_new says which.  The password may be left out while
 * user name and realm (without one: domain) stay. ERR_INVALID, with the fields in s->errors. */
MUST_CHECK enum err external_account_put(struct service *s, const struct account *a,
	const struct external_input *in, struct external_account *ret);
MUST_CHECK enum err external_account_delete(struct service *s, const struct external_account *x);

#endif
