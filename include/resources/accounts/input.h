/* How a new account is named and opened: rows of all doors by which one is made (base/field.h). */
#ifndef DIALTONE_RESOURCES_ACCOUNTS_INPUT_H
#define DIALTONE_RESOURCES_ACCOUNTS_INPUT_H

#include "base/syntax.h"
#include "resources/accounts/fields.h"
#include "resources/spaces/fields.h"

/* clang-format off */
/* Of a struct `st` that holds a struct account_input at `p` (empty, or "member."). */
#define ACCOUNT_LOGIN_FIELDS(st, p, username_flags, password_flags, domain_doc)                     \
	FIELD_TEXT_AS(st, p username, "username", .flags = username_flags | FIELD_NFC,                          \
		.max = ACCOUNT_USERNAME_MAX, .check = lowercase_check,                              \
		.doc = "Local part of the SIP address", .example = "alice.example"),                \
	FIELD_TEXT_AS(st, p password, "password",                                                   \
		.flags = FIELD_SECRET | FIELD_RAW | password_flags,                                 \
		.max = ACCOUNT_PASSWORD_MAX, .doc = "Only its HA1 is stored"),                      \
	FIELD_TEXT_AS(st, p algorithm, "algorithm",                                                 \
		.doc = "MD5 or SHA-256; the space's default if absent", .example = "SHA-256"),      \
	FIELD_TEXT_AS(st, p domain, "domain", .flags = FIELD_DOMAIN, .max = SPACE_DOMAIN_MAX,       \
		.check = domain_check, .doc = domain_doc)
/* clang-format on */

#endif
