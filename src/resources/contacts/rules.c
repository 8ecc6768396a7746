#include "resources/contacts/contact.h"

#include "contacts_priv.h"
#include "resources/account_types/account_type.h"
#include "service/limit.h"
#include "service/refusal.h"

const struct refusal contacts_too_many = { 403, "contacts_too_many",
	"This account has more contacts than can be shown." };

enum err contacts_shown(struct service *s, const struct rows *own)
{
	if (own->n <= CONTACTS_SHOWN_MAX)
		return ERR_OK;
	limit_note(s, LIMIT_CONTACTS);
	return refused(s, &contacts_too_many);
}

enum err contact_add(struct service *s, const struct contact_link *l)
{
	if (l->count >= CONTACTS_MAX)
		return refused(s, &limit_reached);
	enum err e = contact_store_add(s, l);

	return e == ERR_CONFLICT ? ERR_NOT_FOUND : e;
}

enum err contact_remove(struct service *s, const struct contact_link *l)
{
	const struct account_type_link type = { .account_id = l->account_id,
		.account_type_id = l->contact_id };
	int64_t count;
	enum err e = contact_store_remove(s, l, &count);

	return e == ERR_OK && count == 0 ? account_type_detach_if_any(s, &type) : e;
}
