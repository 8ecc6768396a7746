#include "resources/passwords/password.h"

#include <string.h>

#include "crypto/hash.h"
#include "identity/lock.h"
#include "passwords_priv.h"
#include "resources/accounts/policy.h"
#include "service/audit.h"
#include "service/refusal.h"

const struct refusal password_link_over = { 403, "password_link_over",
	"This link was used already, or has expired." };
const struct refusal password_link_no_digest = { 403, "password_link_no_digest",
	"Accounts of this space have no password that could be changed here." };

static const struct text text_confirmation = { "password_confirmation",
	"The {f} value differs from the password." };

enum err password_reset_check(struct service *s, const struct space *space, const char *token)
{
	struct reset_state state;
	enum err e = reset_store_state(s, space->domain, hash_text(s->arena, token), &state);

	if (e != ERR_OK)
		return e;
	if (!space->digest_enabled)
		return refused(s, &password_link_no_digest);
	return state.over ? refused(s, &password_link_over) : ERR_OK;
}

static enum err check_input(
	struct service *s, const struct space *space, const struct password_reset *in)
{
	account_password_rules(s, space, in->password, NULL);
	account_common_password_rule(s, in->password);
	if (strcmp(in->password, in->confirmation) != 0)
		field_errors_add(s->errors, "password_confirmation", &text_confirmation);
	return s->errors->count ? ERR_INVALID : ERR_OK;
}

static enum err change(struct service *s, const struct space *space, const struct identity *who,
	const char *password)
{
	struct account_ha1 ha1;

	account_password_hash(s, space, who->username, password, NULL, &ha1);
	enum err e = account_set_password(s, who->domain, who->account_id, &ha1);

	if (e == ERR_OK)
		e = password_store_follow(s, who);
	return e == ERR_OK ? lock_clear(s, who->username, who->domain) : e;
}

enum err password_reset(
	struct service *s, const struct space *space, const struct password_reset *in)
{
	struct str hash = hash_text(s->arena, in->token);
	struct identity who = { 0 };
	enum err e = password_reset_check(s, space, in->token);

	if (e == ERR_OK)
		e = check_input(s, space, in);
	if (e != ERR_OK)
		return e;
	e = reset_store_take(s, space->domain, hash, &who);
	if (e == ERR_NOT_FOUND) /* another request was first */
		return refused(s, &password_link_over);
	if (e != ERR_OK)
		return e;
	audit_about(s, who.username, who.domain);
	return change(s, space, &who, in->password);
}
