#include "resources/contacts_lists/contacts_list.h"

#include "contacts_lists_priv.h"
#include "service/constraint.h"
#include "service/refusal.h"

const struct refusal contacts_list_attached = { 403, "contacts_list_attached",
	"This account has this contacts list already." };
const struct refusal contacts_list_not_attached = { 403, "contacts_list_not_attached",
	"This account does not have this contacts list." };

static const struct constraint_text taken[] = {
	{ "contacts_lists_title_key", "title", &text_taken },
	{ NULL },
};

enum err contacts_list_create(struct service *s, const char *domain, const struct contacts_list *in,
	struct contacts_list *ret)
{
	const struct contacts_list l = {
		.domain = domain, .title = in->title, .description = in->description
	};
	enum err e = as_field(s, contacts_list_store_insert(s, &l, ret), taken);

	return e == ERR_NOT_FOUND ? refused(s, &limit_reached) : e;
}

enum err contacts_list_update(struct service *s, const struct contacts_list *now,
	const struct contacts_list *in, struct contacts_list *ret)
{
	struct contacts_list l = *now;

	l.title = in->title;
	l.description = in->description;
	return as_field(s, contacts_list_store_update(s, &l, ret), taken);
}

/* What one side of was deleted meanwhile is linked to nothing. */
static enum err missing_side(enum err e)
{
	return e == ERR_CONFLICT ? ERR_NOT_FOUND : e;
}

enum err contacts_list_put_on(struct service *s, const struct contacts_list_link *l)
{
	int64_t count;

	if (l->count >= CONTACTS_LIST_CONTACTS_MAX)
		return refused(s, &limit_reached);
	return missing_side(contacts_list_store_put_on(s, l, &count));
}

enum err contacts_list_take_off(struct service *s, const struct contacts_list_link *l)
{
	int64_t count;
	enum err e = contacts_list_store_take_off(s, l, &count);

	return e == ERR_OK && count == 0 ? ERR_NOT_FOUND : e;
}

enum err contacts_list_attach(struct service *s, const struct contacts_list_link *l)
{
	int64_t count;

	if (l->count >= CONTACTS_LISTS_OF_ONE_MAX)
		return refused(s, &limit_reached);
	enum err e = missing_side(contacts_list_store_attach(s, l, &count));

	return e == ERR_OK && count == 0 ? refused(s, &contacts_list_attached) : e;
}

enum err contacts_list_detach(struct service *s, const struct contacts_list_link *l)
{
	int64_t count;
	enum err e = contacts_list_store_detach(s, l, &count);

	return e == ERR_OK && count == 0 ? refused(s, &contacts_list_not_attached) : e;
}
