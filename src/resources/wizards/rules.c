#include "wizards_priv.h"

#include "crypto/hash.h"
#include "crypto/seal.h"
#include "resources/accounts/account.h"
#include "service/audit.h"

static enum err open_token(struct service *s, const struct wizard_row *row, const char **ret)
{
	struct str text;

	if (!row->token_sealed.p)
		return ERR_OK;
	enum err e =
		unseal(s->keys, row->token_sealed, account_provisioning_context, s->arena, &text);

	if (e == ERR_OK)
		*ret = arena_strndup(s->arena, text.p, text.n);
	return e == ERR_GONE ? ERR_OK : e; /* of another key: as if there were none */
}

enum err wizard_look(struct service *s, const char *domain, const char *token, struct wizard *ret)
{
	struct wizard_row row;
	enum err e = wizard_store_find(s, domain, hash_text(s->arena, token), &row);

	if (e != ERR_OK)
		return e;
	*ret = (struct wizard){ .account_id = row.account_id, .expires_at = row.expires_at };
	if (row.token_expires_at && row.token_expires_at < row.expires_at)
		ret->expires_at = row.token_expires_at;
	return open_token(s, &row, &ret->provisioning_token);
}

enum err wizard_use(struct service *s, const char *domain, const char *token, struct wizard *ret)
{
	struct account fresh;
	int64_t account_id;
	enum err e = wizard_store_take(s, domain, hash_text(s->arena, token), &account_id);

	if (e != ERR_OK)
		return e;
	audit_about_id(s, account_id);
	e = account_provision(s, domain, account_id, &fresh);
	if (e != ERR_OK)
		return e;
	*ret = (struct wizard){ .account_id = account_id,
		.provisioning_token = fresh.provisioning_token,
		.expires_at = fresh.provisioning_token_expire_at };
	return ERR_OK;
}
