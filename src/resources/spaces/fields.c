#include "resources/spaces/fields.h"

#include "base/json_schema.h"

const struct field space_fields[] = {
	FIELD_INT(space, id),
	FIELD_TEXT(space, domain),
	FIELD_TEXT(space, host),
	FIELD_TEXT(space, name),
	FIELD_BOOL(space, super),
	FIELD_BOOL(space, expired,
		.column = "(NOT s.super AND s.expire_at <= (now() AT TIME ZONE 'UTC')::date) IS "
			  "TRUE"),
	FIELD_INT(space, max_accounts),
	FIELD_TEXT(space, realm, .column = "coalesce(s.realm, s.domain)"),
	FIELD_TEXT(space, default_algorithm, .column = "s.default_password_algorithm"),
	FIELD_BOOL(space, allows_md5, .column = "'MD5' = ANY (s.allowed_algorithms)"),
	FIELD_BOOL(space, allows_sha256, .column = "'SHA-256' = ANY (s.allowed_algorithms)"),
	FIELD_INT(space, username_min_length),
	FIELD_BOOL(space, digest_enabled),
	FIELD_BOOL(space, client_certificates, .column = "s.client_certificate_authentication"),
	FIELD_TEXT(space, provider_key, .column = "o.public_key"),
	FIELD_TEXT(space, provider_url, .column = "o.server_url"),
	FIELD_TEXT(space, provider_realm, .column = "o.realm"),
	FIELD_TEXT(space, audience, .column = "o.audience"),
	FIELD_TEXT(space, sip_claim, .column = "o.sip_identifier"),
	FIELDS_END,
};

/* clang-format off */
#define DIGEST                                                                                      \
	"(SELECT row_to_json(d) FROM (SELECT coalesce(s.realm, s.domain) AS realm,"                 \
	" s.default_password_algorithm) d WHERE s.digest_enabled)"
#define OIDC                                                                                        \
	"(SELECT row_to_json(d) FROM (SELECT o.server_url, o.realm, o.sip_identifier,"              \
	" o.public_key, o.audience, o.client_id, o.auto_provisioning, o.role_provisioning"          \
	" FROM space_oidc_configurations o WHERE o.space_id = s.id) d)"
#define EMAIL                                                                                       \
	"(SELECT row_to_json(d) FROM (SELECT e.id, e.host, e.port, e.username, e.from_address,"     \
	" e.from_name, e.signature, iso_time(e.created_at) AS created_at,"                          \
	" iso_time(e.updated_at) AS updated_at"                                                     \
	" FROM space_email_servers e WHERE e.space_id = s.id) d)"

const struct field space_record_fields[] = {
	FIELD_INT(space_record, id, .flags = FIELD_INTERNAL),
	FIELD_TEXT(space_record, domain, .doc = "SIP domain", .example = "sip.example.org"),
	FIELD_TEXT(space_record, host, .doc = "HTTP host", .example = "phones.example.org"),
	FIELD_TEXT(space_record, name, .doc = "What people call it", .example = "Example"),
	FIELD_TIME(space_record, created_at, .doc = "When it was created"),
	FIELD_TIME(space_record, updated_at, .doc = "When it was last changed"),
#define X(name, what) FIELD_TRI(space_record, name, .doc = what),
	SPACE_SWITCHES(X)
	SPACE_MORE_SWITCHES(X)
#undef X
	FIELD_INT(space_record, max_account, .doc = "Accounts an app may have"),
	FIELD_INT(space_record, max_accounts, .doc = "Accounts it may have; 0: no limit"),
	FIELD_TIME(space_record, expire_at, .column = "s.expire_at::timestamp AT TIME ZONE 'UTC'",
		.doc = "From then on it is closed"),
#define X(name, longest, more, what) FIELD_TEXT(space_record, name, .doc = what),
	SPACE_TEXTS(X)
#undef X
	FIELD_INT(space_record, theme_hue, .doc = "Hue of the web pages, 0 to 360"),
	FIELD_JSON_AS(space_record, email_server, "email_server", .column = EMAIL,
		.doc = "Its mail server", .schema = SCHEMA_RECORD),
	FIELD_JSON_AS(space_record, carddav_servers, "carddav_servers", .column = "'[]'::json",
		.doc = "Its CardDAV servers", .schema = SCHEMA_LIST(SCHEMA_FREE), .example = "[]"),
	FIELD_JSON_AS(space_record, digest, "digest_authentication_configuration",
		.column = DIGEST, .doc = "How passwords are kept for DIGEST; null: it is off",
		.schema = SCHEMA_RECORD,
		.example = "{\"realm\":\"sip.example.org\","
			   "\"default_password_algorithm\":\"SHA-256\"}"),
	FIELD_JSON_AS(space_record, oidc, "oidc_authentication_configuration", .column = OIDC,
		.doc = "Whose tokens it takes; null: of no identity provider",
		.schema = SCHEMA_RECORD),
	FIELD_TEXT(space_record, realm, .column = "coalesce(s.realm, s.domain)",
		.flags = FIELD_INTERNAL),
	FIELDS_END,
};
/* clang-format on */
const struct shape space_record_shape = { "Space", space_record_fields,
	sizeof(struct space_record) };
