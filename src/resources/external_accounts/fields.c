#include "resources/external_accounts/fields.h"

const struct field external_account_fields[] = {
	FIELD_INT(external_account, id, .doc = "Identifier"),
	FIELD_TEXT(external_account, username, .doc = "Name at the provider"),
	FIELD_TEXT(external_account, domain, .doc = "Domain of the provider, or its address"),
	FIELD_TEXT(external_account, realm, .doc = "DIGEST realm where it is not the domain"),
	FIELD_TEXT(external_account, registrar, .doc = "Where it registers, if not at the domain"),
	FIELD_TEXT(external_account, outbound_proxy, .doc = "What its calls go through"),
	FIELD_TEXT(external_account, protocol, .doc = "UDP, TCP or TLS"),
	FIELD_TEXT(external_account, algorithm, .doc = "Of the stored password: MD5"),
	FIELD_INT(external_account, account_id, .doc = "Whose it is"),
	FIELD_TIME(external_account, created_at, .doc = "When it was made"),
	FIELD_TIME(external_account, updated_at, .doc = "When it was last changed"),
	FIELDS_END,
};
const struct shape external_account_shape = { "ExternalAccount", external_account_fields,
	sizeof(struct external_account) };
