/*
 * A SIP account: what it is, and what each reader sees of it (O-ACCOUNT, accounts-api section 4).
 * Plain data; texts belong to the arena it was read into.
 */
#ifndef DIALTONE_RESOURCES_ACCOUNTS_FIELDS_H
#define DIALTONE_RESOURCES_ACCOUNTS_FIELDS_H

#include "base/arena.h"
#include "base/field.h"
#include "base/json_schema.h"
#include "base/rows.h"

/* Characters. */
#define ACCOUNT_USERNAME_MAX     64
#define ACCOUNT_DISPLAY_NAME_MAX 255
#define ACCOUNT_EMAIL_MAX        254
#define ACCOUNT_PASSWORD_MAX     1024

/* Of JSON documents in it. */
#define ACCOUNT_TYPES_SCHEMA       \
	SCHEMA_LIST(SCHEMA_OBJECT( \
		SCHEMA_MEMBER("id", SCHEMA_INT) "," SCHEMA_MEMBER("key", SCHEMA_TEXT)))
#define ACCOUNT_ACTIONS_SCHEMA                                                       \
	SCHEMA_LIST(SCHEMA_OBJECT(SCHEMA_MEMBER("id", SCHEMA_INT) "," SCHEMA_MEMBER( \
		"key", SCHEMA_TEXT) "," SCHEMA_MEMBER("code", SCHEMA_TEXT)))
/* password: HA1, in the one answer that shows it. */
#define ACCOUNT_PASSWORDS_SCHEMA                                                             \
	SCHEMA_LIST(SCHEMA_OBJECT(SCHEMA_MEMBER("algorithm", SCHEMA_TEXT) "," SCHEMA_MEMBER( \
		"password", SCHEMA_TEXT)))
#define ACCOUNT_CHANGE_SCHEMA \
	"{\"type\":[\"object\",\"null\"],\"additionalProperties\":" SCHEMA_TEXT_OR_NULL "}"

struct account {
	int64_t id;
	const char *username, *domain, *sip_uri;
	const char *email, *phone, *display_name, *dtmf_protocol, *realm;
	bool activated, blocked, admin;
	const char *ip_address, *user_agent;
	int64_t created_at, updated_at;
	/* JSON documents. */
	const char *dictionary, *passwords, *types, *actions;
	const char *email_changed, *email_change_code, *phone_change_code, *carddav_servers;
	/* Sealed in the database; opened by accounts/tokens.c for the readers who may see them. */
	struct str provisioning_sealed, confirmation_sealed;
	const char *provisioning_token, *confirmation_key;
	int64_t provisioning_token_expire_at, confirmation_key_expires;
};

/* clang-format off */
/* The rows for a struct `st` that holds an account at `p` (empty, or "member."): one list for the
 * account itself and for every struct that carries one.  The table accounts holds all of it, so that no
 * statement joins another one. */
#define ACCOUNT_FIELDS(st, p)                                                                       \
	FIELD_INT_AS(st, p id, "id", .doc = "Identifier", .example = "42"),                         \
	FIELD_TEXT_AS(st, p username, "username", .doc = "Local part of the SIP address",           \
		.example = "alice"),                                                                \
	FIELD_TEXT_AS(st, p domain, "domain", .doc = "SIP domain", .example = "sip.example.org"),   \
	FIELD_TEXT_AS(st, p sip_uri, "sip_uri", .flags = FIELD_COMPUTED,                            \
		.doc = "Address of record"),                                                        \
	FIELD_TEXT_AS(st, p email, "email", .doc = "E-mail address"),                               \
	FIELD_BOOL_AS(st, p activated, "activated", .doc = "May register at a SIP server"),         \
	FIELD_BOOL_AS(st, p blocked, "blocked", .doc = "Refused everywhere until unblocked"),       \
	FIELD_BOOL_AS(st, p admin, "admin", .doc = "Administers the space of its domain"),          \
	FIELD_TEXT_AS(st, p ip_address, "ip_address", .doc = "Address it was created from"),        \
	FIELD_TEXT_AS(st, p user_agent, "user_agent", .doc = "Program it was last written with"),   \
	FIELD_STAMP_AS(st, p created_at, "creation_time", .flags = FIELD_COMPUTED,                  \
		.doc = "created_at in the form of older clients"),                                  \
	FIELD_TIME_AS(st, p created_at, "created_at", .doc = "When it was created"),                \
	FIELD_TIME_AS(st, p updated_at, "updated_at", .doc = "When it was last changed"),           \
	FIELD_TEXT_AS(st, p display_name, "display_name", .doc = "Name shown to people"),           \
	FIELD_TEXT_AS(st, p dtmf_protocol, "dtmf_protocol", .doc = "How it sends DTMF"),            \
	FIELD_TEXT_AS(st, p phone, "phone", .doc = "Phone number, E.164"),                          \
	FIELD_TEXT_AS(st, p realm, "realm", .column = "space_realm",                                \
		.doc = "DIGEST realm where it is not the domain"),                                  \
	FIELD_STAMP_AS(st, p confirmation_key_expires, "confirmation_key_expires",                  \
		.column = "confirmation_expires_at", .doc = "End of the confirmation key"),         \
	FIELD_BYTES_AS(st, p confirmation_sealed, "confirmation_sealed", .flags = FIELD_INTERNAL),  \
	FIELD_TEXT_AS(st, p confirmation_key, "confirmation_key",                                   \
		.flags = FIELD_COMPUTED | FIELD_OMIT_NULL | FIELD_SECRET,                           \
		.readers = READER_ADMIN | READER_SHOW, .doc = "Key of the activation endpoints"),   \
	FIELD_BYTES_AS(st, p provisioning_sealed, "provisioning_sealed", .flags = FIELD_INTERNAL),  \
	FIELD_TEXT_AS(st, p provisioning_token, "provisioning_token",                               \
		.flags = FIELD_COMPUTED | FIELD_SECRET,                                             \
		.readers = READER_SELF | READER_ADMIN | READER_SHOW,                                \
		.doc = "Opens the provisioning document once"),                                     \
	FIELD_TIME_AS(st, p provisioning_token_expire_at, "provisioning_token_expire_at",           \
		.column = "provisioning_expires_at",                                                \
		.readers = READER_SELF | READER_ADMIN | READER_SHOW, .doc = "End of that token"),   \
	FIELD_DICT_AS(st, p dictionary, "dictionary", .doc = "Free texts by key"),                  \
	FIELD_JSON_AS(st, p passwords, "passwords", .column = "algorithms",                         \
		.readers = READER_SELF | READER_ADMIN,                                              \
		.doc = "Algorithms a password is stored for", .schema = ACCOUNT_PASSWORDS_SCHEMA,   \
		.example = "[{\"algorithm\":\"SHA-256\"}]"),                                        \
	FIELD_JSON_AS(st, p types, "types", .doc = "Types attached to it",                          \
		.schema = ACCOUNT_TYPES_SCHEMA, .example = "[]"),                                   \
	FIELD_JSON_AS(st, p actions, "actions", .doc = "DTMF actions",                              \
		.schema = ACCOUNT_ACTIONS_SCHEMA, .example = "[]"),                                 \
	FIELD_JSON_AS(st, p email_changed, "email_changed", .flags = FIELD_COMPUTED,                \
		.doc = "Pending change, older form", .schema = ACCOUNT_CHANGE_SCHEMA),                                               \
	FIELD_JSON_AS(st, p email_change_code, "email_change_code", .column = "email_change",       \
		.doc = "Pending change", .schema = ACCOUNT_CHANGE_SCHEMA),                                                           \
	FIELD_JSON_AS(st, p phone_change_code, "phone_change_code", .column = "phone_change",       \
		.readers = READER_SHOW, .doc = "Pending change",                                    \
		.schema = ACCOUNT_CHANGE_SCHEMA),                                   \
	FIELD_JSON_AS(st, p carddav_servers, "carddav_servers", .flags = FIELD_COMPUTED,            \
		.doc = "CardDAV servers", .schema = SCHEMA_LIST(SCHEMA_FREE), .example = "[]")
/* clang-format on */

/* What an account can be found by inside its domain. */
enum account_by {
	ACCOUNT_BY_USERNAME,
	ACCOUNT_BY_EMAIL,
	ACCOUNT_BY_PHONE, /* its number, else a name that is one */
	ACCOUNT_BY_COUNT
};

extern const struct field account_fields[];
extern const struct shape account_shape; /* "Account" */

/* What any caller may know: GET /accounts/{sip}/info. */
struct account_info {
	bool activated;
	const char *realm;
};
extern const struct field account_info_fields[];
extern const struct shape account_info_shape;

/* Values of dtmf_protocol, NULL-terminated. */
extern const char *const account_dtmf_protocols[];

/* To be called for each account that was read: what follows from other columns is not asked for. */
void account_row_complete(struct arena *arena, struct account *a);
/* The same for rows of struct account. */
void account_rows_complete(struct arena *arena, const struct rows *accounts);

#endif
