#include "resources/account_search/fields.h"

#include "resources/call_forwardings/fields.h"

/* What a shape would write for each, but for the name of one kind (sip-integration 2.3). */
#define FORWARDINGS                                                                                \
	"coalesce((SELECT json_agg(json_build_object('id', f.id,"                                  \
	" 'type', CASE f.type WHEN 'no_answer' THEN 'away' ELSE f.type END,"                       \
	" 'forward_to', f.forward_to, 'sip_uri', f.sip_uri, 'enabled', f.enabled,"                 \
	" 'contact_id', f.contact_id, 'contact_sip_uri', 'sip:' || c.username || '@' || c.domain," \
	" 'created_at', iso_time(f.created_at), 'updated_at', iso_time(f.updated_at))"             \
	" ORDER BY f.id DESC) FROM call_forwardings f LEFT JOIN accounts c ON c.id = f.contact_id" \
	" WHERE f.account_id = a.id), '[]')"

const struct field found_account_fields[] = {
	ACCOUNT_FIELDS(found_account, account.),
	FIELD_JSON(found_account, call_forwardings, .column = FORWARDINGS,
		.items = &call_forwarding_shape,
		.doc = "Where its calls go; no_answer is called away here"),
	FIELDS_END,
};
const struct shape found_account_shape = { "FoundAccount", found_account_fields,
	sizeof(struct found_account) };

static const struct field resolved_fields[] = {
	FIELD_TEXT(resolved, type, .doc = "What it is: account", .example = "account"),
	FIELD_JSON(resolved, payload, .object = &found_account_shape, .doc = "The account"),
	FIELDS_END,
};
const struct shape resolved_shape = { "Resolved", resolved_fields, sizeof(struct resolved) };
