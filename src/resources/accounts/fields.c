#include "resources/accounts/fields.h"

#include "base/json_slice.h"

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

/* The pending change in the form of older clients. */
static const char *email_changed(struct arena *arena, const char *change)
{
	struct str email, created_at;

	if (!change || !json_slice_member(str_from(change), "email", &email) ||
		!json_slice_member(str_from(change), "created_at", &created_at))
		return NULL;
	return arena_printf(arena, "{\"new_email\": %.*s, \"created_at\": %.*s}", (int)email.n,
		email.p, (int)created_at.n, created_at.p);
}

void account_row_complete(struct arena *arena, struct account *a)
{
	a->email_changed = email_changed(arena, a->email_change_code);
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
