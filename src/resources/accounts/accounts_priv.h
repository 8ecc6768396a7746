/*
 * Accounts in the database: lookups, the check of what is taken, and changes.
 * A lookup sees the accounts of one domain; outside of it there is nothing (accounts-api 2.4).
 */
#ifndef DIALTONE_RESOURCES_ACCOUNTS_ACCOUNTS_PRIV_H
#define DIALTONE_RESOURCES_ACCOUNTS_ACCOUNTS_PRIV_H

#include "base/rows.h"
#include "resources/accounts/fields.h"
#include "resources/accounts/policy.h"
#include "service/service.h"

/* A token as it is stored: its hash for look-ups, sealed for showing it again. */
struct stored_token {
	struct str hash;
	struct str sealed;  /* p == NULL: no token */
	int64_t expires_at; /* 0: never */
};

/* tokens.c: a fresh one, in *ret. bound_to: what keeps one kind from passing for another. */
MUST_CHECK enum err account_make_token(
	struct service *s, struct str bound_to, struct stored_token *ret);

/* tokens.c: opens one. One that no key opens is like none: *ret stays as it is. */
MUST_CHECK enum err account_open_token(
	struct service *s, struct str sealed, struct str bound_to, const char **ret);

/* The columns a caller writes. */
struct account_row {
	int64_t id; /* update: which account, and the domain it is in until then */
	const char *within;
	const char *username, *domain, *email, *phone, *display_name, *dtmf_protocol;
	enum tri activated, blocked, admin; /* update: TRI_UNSET leaves the column alone */
	const char *dictionary;             /* JSON object; update: NULL leaves it alone */
	const char *ip_address, *user_agent;
	struct account_ha1 password;                    /* update: NULL leaves the password alone */
	struct stored_token provisioning, confirmation; /* creation only */
	const char *calling_code;                       /* of the phone, to be accepted */
};

/* What of a new or changed account is in use already. */
struct account_taken {
	bool username, tombstone, email, phone;
	bool country; /* of the phone: not accepted */
};

/* self: the account that may keep what it has, 0 for a new one: an account may have been deleted under the name it
 * keeps. */
static inline bool account_is_taken(const struct account_taken *t, int64_t self)
{
	return t->username || (t->tombstone && self == 0) || t->email || t->phone || t->country;
}

/* The sealed codes of pending changes. */
struct account_codes {
	struct str email, phone;
};
MUST_CHECK enum err account_store_codes(struct service *s, int64_t id, struct account_codes *ret);

MUST_CHECK enum err account_store_by_id(
	struct service *s, const char *domain, int64_t id, struct account *ret);
MUST_CHECK enum err account_store_find(struct service *s, const char *domain, enum account_by by,
	const char *value, struct account *ret);
/* store_pages.c */
MUST_CHECK enum err account_store_count(struct service *s, const char *domain, int64_t *ret);

/* What is wanted, NULL where it is not asked. */
struct account_names {
	const char *username, *email, *phone;
	const char *calling_code; /* of the phone */
};

/* self: the account that may keep what it has, 0 for a new one. */
MUST_CHECK enum err account_store_taken(struct service *s, const char *domain,
	const struct account_names *wanted, int64_t self, struct account_taken *ret);

/* *ret is the account as it is now, its tokens sealed; where something is taken there is none.  last: nothing follows
 * in the transaction, which is committed with it. */
MUST_CHECK enum err account_store_insert(struct service *s, const struct account_row *row,
	bool last, struct account_taken *ret_taken, struct account *ret);
/* The same; where something is taken the transaction has to be rolled back. ERR_NOT_FOUND when the domain has no such
 * account. A new password ends all sessions. */
MUST_CHECK enum err account_store_update(struct service *s, const struct account_row *row,
	struct account_taken *ret_taken, struct account *ret);
/* ERR_NOT_FOUND as above. */
MUST_CHECK enum err account_store_delete(struct service *s, const char *domain, int64_t id);

/* ERR_NOT_FOUND: it is gone. */
MUST_CHECK enum err account_store_set_blocked(
	struct service *s, const struct account *a, bool blocked, struct account *ret);
MUST_CHECK enum err account_store_activate_own(
	struct service *s, const struct account *a, struct account *ret);
MUST_CHECK enum err account_store_set_activated(
	struct service *s, const struct account *a, bool activated, struct account *ret);
/* row: id, within and provisioning, whose token takes the place of the unused one. */
MUST_CHECK enum err account_store_rotate_provisioning(
	struct service *s, const struct account_row *row, struct account *ret);

#endif
