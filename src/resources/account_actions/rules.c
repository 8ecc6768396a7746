#include "resources/account_actions/account_action.h"

#include "account_actions_priv.h"
#include "service/refusal.h"

const struct refusal account_action_no_dtmf = { 403, "account_action_no_dtmf",
	"This account has no DTMF protocol." };

enum err account_action_allowed(struct service *s, const struct account_action *of)
{
	return of->dtmf_protocol ? ERR_OK : refused(s, &account_action_no_dtmf);
}

enum err account_action_create(struct service *s, const struct account_action *of,
	const struct account_action *in, struct account_action *ret)
{
	const struct account_action a = {
		.account_id = of->account_id, .key = in->key, .code = in->code
	};
	enum err e = account_action_store_insert(s, &a, ret);

	if (e == ERR_CONFLICT)
		return ERR_NOT_FOUND;
	return e == ERR_NOT_FOUND ? refused(s, &limit_reached) : e;
}

enum err account_action_update(struct service *s, const struct account_action *now,
	const struct account_action *in, struct account_action *ret)
{
	struct account_action a = *now;

	a.key = in->key;
	a.code = in->code;
	return account_action_store_update(s, &a, ret);
}
