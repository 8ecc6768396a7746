#include "resources/account_types/account_type.h"

#include "account_types_priv.h"
#include "service/constraint.h"
#include "service/refusal.h"

const struct refusal account_type_attached = { 403, "account_type_attached",
	"This account has this type already." };
const struct refusal account_type_not_attached = { 403, "account_type_not_attached",
	"This account does not have this type." };

static const struct constraint_text taken[] = {
	{ "account_types_key_key", "key", &text_taken },
	{ NULL },
};

enum err account_type_create(
	struct service *s, const struct account_type *in, struct account_type *ret)
{
	enum err e = as_field(s, account_type_store_insert(s, in, ret), taken);

	return e == ERR_NOT_FOUND ? refused(s, &limit_reached) : e;
}

enum err account_type_update(struct service *s, const struct account_type *now,
	const struct account_type *in, struct account_type *ret)
{
	const struct account_type changed = { .id = now->id, .key = in->key };

	return as_field(s, account_type_store_update(s, &changed, ret), taken);
}

enum err account_type_attach(struct service *s, const struct account_type_link *l)
{
	int64_t count;

	if (l->count >= ACCOUNT_TYPES_OF_ONE_MAX)
		return refused(s, &limit_reached);
	enum err e = account_type_store_attach(s, l, &count);

	if (e == ERR_CONFLICT)
		return ERR_NOT_FOUND;
	return e == ERR_OK && count == 0 ? refused(s, &account_type_attached) : e;
}

enum err account_type_detach_if_any(struct service *s, const struct account_type_link *l)
{
	int64_t count;
	enum err e = account_type_store_detach(s, l, &count);

	return e == ERR_OK && count == 0 ? ERR_NOT_FOUND : e;
}

enum err account_type_detach(struct service *s, const struct account_type_link *l)
{
	enum err e = account_type_detach_if_any(s, l);

	return e == ERR_NOT_FOUND ? refused(s, &account_type_not_attached) : e;
}
