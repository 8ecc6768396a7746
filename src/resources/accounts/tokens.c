/* The tokens of an account that can be shown again: sealed in the database, opened for those who may see
 * them. */
#include "accounts_priv.h"

#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "resources/accounts/account.h"

#define TOKEN_LENGTH 13 /* accounts-api 1.7 */

const struct str account_provisioning_context = { "provisioning_token", 18 };
const struct str account_confirmation_context = { "confirmation_key", 16 };
const struct str account_change_code_context = { "change_code", 11 };

enum err account_open_token(
	struct service *s, struct str sealed, struct str bound_to, const char **ret)
{
	struct str text;

	if (!sealed.p)
		return ERR_OK;
	enum err e = unseal(s->keys, sealed, bound_to, s->arena, &text);

	if (e == ERR_OK)
		*ret = arena_strndup(s->arena, text.p, text.n);
	return e == ERR_GONE ? ERR_OK : e;
}

enum err account_open(struct service *s, struct account *a)
{
	enum err e = account_open_token(
		s, a->provisioning_sealed, account_provisioning_context, &a->provisioning_token);

	if (e == ERR_OK)
		e = account_open_token(s, a->confirmation_sealed, account_confirmation_context,
			&a->confirmation_key);
	return e;
}

enum err account_make_token(struct service *s, struct str bound_to, struct stored_token *ret)
{
	const char *token = random_token(s->arena, TOKEN_LENGTH);

	ret->hash = hash_text(s->arena, token);
	return seal(s->keys, str_from(token), bound_to, s->arena, &ret->sealed);
}
