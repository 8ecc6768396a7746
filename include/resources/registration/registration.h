/*
 * How people without an account get one (accounts-api I.5, 9.1): with an account creation token, which is used
 * up in the transaction that makes the account.
 */
#ifndef DIALTONE_RESOURCES_REGISTRATION_REGISTRATION_H
#define DIALTONE_RESOURCES_REGISTRATION_REGISTRATION_H

#include "resources/accounts/account.h"
#include "resources/spaces/space.h"

struct registration {
	struct account_input account;
	const char *account_creation_token;
	const char *admin, *activated; /* JSON of any kind: not theirs to say; NULL: they do not */
};

/* Adds all that is wrong to s->errors. Inside a transaction, as all below. */
MUST_CHECK enum err account_register(struct service *s, const struct space *space,
	const struct registration *in, struct account *ret);
/* As old clients do it: with an e-mail address or a phone number, to which a confirmation key is sent.
 * language: "en", of the message. */
MUST_CHECK enum err account_register_public(struct service *s, const struct space *space,
	const struct registration *in, const char *language, struct account *ret);

/* An account of that number gets a confirmation key by SMS, for a token.  ERR_NOT_FOUND: there is none. */
MUST_CHECK enum err account_recover_by_phone(struct service *s, const struct space *space,
	const char *phone, const char *token, const char *language);

#endif
