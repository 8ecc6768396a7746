#include "resources/accounts/fields.h"

const struct field account_fields[] = { ACCOUNT_FIELDS(account, ), FIELDS_END };
const struct shape account_shape = { "Account", account_fields, sizeof(struct account) };

const struct field account_info_fields[] = {
	FIELD_BOOL(account_info, activated, .doc = "May register at a SIP server"),
	FIELD_TEXT(account_info, realm, .column = "space_realm",
		.doc = "DIGEST realm where it is not the domain"),
	FIELDS_END,
};
const struct shape account_info_shape = { "AccountInfo", account_info_fields,
	sizeof(struct account_info) };

const char *const account_dtmf_protocols[] = { "sipinfo", "rfc2833", "sipmessage", NULL };

void account_row_complete(struct arena *arena, struct account *a)
{
	a->sip_uri = arena_printf(arena, "sip:%s@%s", a->username, a->domain);
	a->carddav_servers = "[]";
	if (!a->dtmf_protocol)
		a->actions = "[]";
}

void account_rows_complete(struct arena *arena, const struct rows *accounts)
{
	struct account *items = accounts->items;

	for (size_t i = 0; i < accounts->n; i++)
		account_row_complete(arena, &items[i]);
}
