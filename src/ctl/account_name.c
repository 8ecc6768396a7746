#include "account_name.h"

#include "resources/spaces/space.h"

const struct field account_name_fields[] = {
	FIELD_TEXT(account_name, username, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED | FIELD_NFC,
		.doc = "User name"),
	FIELD_TEXT(account_name, domain, .in = FIELD_IN_PATH,
		.flags = FIELD_REQUIRED | FIELD_DOMAIN, .max = SPACE_DOMAIN_MAX,
		.doc = "Domain of the account"),
	FIELDS_END,
};

enum err account_named(struct ctl *c, const char *username, const char *domain, struct account *ret)
{
	enum err e = account_find(&c->service, domain, ACCOUNT_BY_USERNAME, username, ret);

	return e == ERR_NOT_FOUND ? refuse(c, e, "There is no account %s@%s.", username, domain)
				  : e;
}
