#include "provisioning_priv.h"

#include "crypto/hash.h"
#include "crypto/random.h"
#include "identity/lock.h"
#include "resources/accounts/account.h"
#include "resources/spaces/space.h"
#include "service/audit.h"

#define PASSWORD_LENGTH 10 /* accounts-api I.18 */

const struct refusal provisioning_token_expired = { 410, "provisioning_token_expired",
	"This token has expired." };
const struct refusal provisioning_two_factor = { 403, "provisioning_two_factor",
	"This account has a second factor: a link alone gives it no other password." };
const struct refusal provisioning_header = { 400, "provisioning_header",
	"The header X-Linphone-Provisioning is required." };

enum err provisioning_of_account(struct service *s, const struct provisioning_site *site,
	int64_t account_id, struct str *ret)
{
	struct provisioned p;
	enum err e = provisioning_store_account(s, account_id, &p);

	return e == ERR_OK ? provisioning_write(s, site, &p, ret) : e;
}

static enum err give_password(struct service *s, struct provisioned *p)
{
	const struct space *space = NULL;
	struct account_ha1 ha1;
	enum err e = p->second_factor ? refused(s, &provisioning_two_factor)
				      : space_by_domain(s, p->domain, &space);

	if (e != ERR_OK || !space)
		return e == ERR_OK ? ERR_NOT_FOUND : e;
	account_password_hash(
		s, space, p->username, random_token(s->arena, PASSWORD_LENGTH), NULL, &ha1);
	e = account_set_password(s, p->domain, p->account_id, &ha1);
	return e == ERR_OK ? lock_clear(s, p->username, p->domain) : e;
}

static enum err by_used_token(
	struct service *s, const struct provisioning_site *site, struct str *ret)
{
	struct provisioned p = { 0 };

	if (s->settings->provisioning_used_token == USED_TOKEN_GONE)
		return ERR_NOT_FOUND;
	enum err e = provisioning_store_base(s, site->domain, &p);

	return e == ERR_OK ? provisioning_write(s, site, &p, ret) : e;
}

/* What is said of one that opens nothing. */
static enum err by_spent_token(
	struct service *s, const struct provisioning_site *site, const char *hash, struct str *ret)
{
	struct provisioning_state state;
	enum err e = provisioning_store_state(s, site->domain, hash, &state);

	if (e != ERR_OK)
		return e;
	return state.used ? by_used_token(s, site, ret) : refused(s, &provisioning_token_expired);
}

enum err provisioning_by_token(struct service *s, const struct provisioning_site *site,
	const char *token, bool new_password, struct str *ret)
{
	const char *hash = hash_text_hex(s->arena, token);
	struct provisioned p;
	enum err e = provisioning_store_take(s, site->domain, hash, &p);

	if (e == ERR_NOT_FOUND)
		return by_spent_token(s, site, hash, ret);
	audit_about_id(s, p.account_id);
	if (e != ERR_OK || !new_password)
		return e == ERR_OK ? provisioning_write(s, site, &p, ret) : e;
	e = give_password(s, &p);
	return e == ERR_OK ? provisioning_of_account(s, site, p.account_id, ret) : e;
}

enum err provisioning_token_check(struct service *s, const struct provisioning_state *state)
{
	if (state->used)
		return ERR_NOT_FOUND;
	return state->expired ? refused(s, &provisioning_token_expired) : ERR_OK;
}

const char *provisioning_url(struct service *s, const struct provisioning_site *site,
	const char *token, bool new_password)
{
	return arena_printf(s->arena, "%s/provisioning/%s%s", site->url, token,
		new_password ? "?reset_password=1" : "");
}
