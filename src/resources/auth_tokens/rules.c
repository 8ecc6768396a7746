#include "auth_tokens_priv.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "resources/auth_tokens/auth_token.h"
#include "service/audit.h"

enum err auth_token_create(struct service *s, struct auth_token *ret)
{
	const char *token = random_token(s->arena, AUTH_TOKEN_LENGTH);
	enum err e = auth_token_store_insert(s, hash_text(s->arena, token), ret);

	if (e == ERR_OK)
		ret->token = token;
	return e;
}

enum err auth_token_attach(struct service *s, const char *token, int64_t account_id)
{
	return auth_token_store_attach(s, hash_text(s->arena, token), account_id);
}

enum err auth_token_redeem(struct service *s, const char *token, int64_t *ret_account_id)
{
	enum err e = auth_token_store_redeem(s, hash_text(s->arena, token), ret_account_id);

	if (e == ERR_OK)
		audit_about_id(s, *ret_account_id);
	return e;
}
