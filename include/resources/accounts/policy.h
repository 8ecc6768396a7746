/*
 * What an account may be called and hold: the rules of accounts-api section 5 that need no database.
 * The first group are `check` functions of field tables.
 */
#ifndef DIALTONE_RESOURCES_ACCOUNTS_POLICY_H
#define DIALTONE_RESOURCES_ACCOUNTS_POLICY_H

#include "base/field_errors.h"
#include "base/str.h"
#include "service/service.h"
#include "resources/spaces/fields.h"

/* R-EMAIL: an addr-spec of RFC 5322 without comments, quoted parts and address literals. */
enum text_id account_email_check(struct str s);
/* R-PHONE: E.164 with its leading +. */
enum text_id account_phone_check(struct str s);
/* The part of R-USERNAME that holds everywhere: no upper case. */
enum text_id account_username_check(struct str s);
/* R-DOMAIN. */
enum text_id account_domain_check(struct str s);
/* The HTTP host of a space, lower-case and without a port: like a domain, but a single label
 * ("localhost") and an IPv4 address are hosts too. */
enum text_id space_host_check(struct str s);

/* The configured part of R-USERNAME: shortest length (the space's, else the server's), pattern,
 * forbidden names, no phone number unless allowed. Adds to s->errors what is wrong for field "username". */
void account_username_rules(struct service *s, const struct space *space, const char *username);
/* R-PASSWORD and R-ALGO; either may be NULL. */
void account_password_rules(
	struct service *s, const struct space *space, const char *password, const char *algorithm);

#endif
