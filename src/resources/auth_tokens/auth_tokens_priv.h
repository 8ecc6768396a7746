/* Tokens of QR code logins in the database, by their hash. ERR_NOT_FOUND: there is no such one. */
#ifndef DIALTONE_RESOURCES_AUTH_TOKENS_AUTH_TOKENS_PRIV_H
#define DIALTONE_RESOURCES_AUTH_TOKENS_AUTH_TOKENS_PRIV_H

#include "resources/auth_tokens/fields.h"
#include "service/service.h"

MUST_CHECK enum err auth_token_store_insert(
	struct service *s, struct str hash, struct auth_token *ret);
MUST_CHECK enum err auth_token_store_attach(struct service *s, struct str hash, int64_t account_id);
MUST_CHECK enum err auth_token_store_redeem(
	struct service *s, struct str hash, int64_t *ret_account_id);

#endif
