/*
 * Logging in with a QR code (accounts-api 9.2): a new device shows a token, a device that is logged in
 * attaches its account to it, the new device exchanges it for an API key.
 *
 * A token lives five minutes, is attached once and exchanged once; the database has its hash alone.
 * Unknown, expired and used ones are all ERR_NOT_FOUND.
 */
#ifndef DIALTONE_RESOURCES_AUTH_TOKENS_AUTH_TOKEN_H
#define DIALTONE_RESOURCES_AUTH_TOKENS_AUTH_TOKEN_H

#include "base/subject.h"
#include "resources/auth_tokens/fields.h"
#include "service/service.h"

/* Of the client: *ret has the token in clear. */
MUST_CHECK enum err auth_token_create(struct service *s, struct auth_token *ret);
/* {auth_token} of one that waits for an account: struct auth_token. */
extern const struct subject auth_token_waiting;
MUST_CHECK enum err auth_token_attach(struct service *s, const char *token, int64_t account_id);
/* Uses it up.  ERR_NOT_FOUND also while it waits, and while its account is blocked or its space
 * expired. */
MUST_CHECK enum err auth_token_redeem(
	struct service *s, const char *token, int64_t *ret_account_id);
/* Those attached to the account open nothing. */
MUST_CHECK enum err auth_token_drop(struct service *s, int64_t account_id);

#endif
