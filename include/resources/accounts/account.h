/*
 * The life of an account: made, looked at, changed, deleted (accounts-api I.6 and I.7).
 *
 * Accounts are seen per domain: whoever calls passes the domain its caller may see.  A change is two
 * steps inside one transaction: *_check adds everything that is wrong to `errors`, then, only when
 * nothing was, the change itself.
 */
#ifndef DIALTONE_RESOURCES_ACCOUNTS_ACCOUNT_H
#define DIALTONE_RESOURCES_ACCOUNTS_ACCOUNT_H

#include "base/field_errors.h"
#include "service/service.h"
#include "resources/accounts/fields.h"
#include "service/caller.h"
#include "resources/spaces/fields.h"

#define ACCOUNT_PAGE_SIZE 20

/* What a caller asks for. Members that were not given are NULL, TRI_UNSET or 0. */
struct account_input {
	int64_t id; /* update only */
	const char *username, *password, *algorithm, *domain;
	const char *email, *phone, *display_name, *dtmf_protocol;
	enum tri activated, blocked, admin;
	const char *dictionary; /* JSON object of texts */
	int64_t confirmation_key_expires;
};

/* What its sealed tokens are bound to, so that one kind cannot be passed off as the other. */
extern const struct str account_provisioning_context, account_confirmation_context;

/* Who asks, and for which space. */
struct account_caller {
	bool super;
	int64_t account_id; /* 0: an operator at the console */
	const struct space *space;
};

/* ERR_NOT_FOUND outside the domain. Tokens in *ret are readable. */
MUST_CHECK enum err account_get(
	struct service *s, const char *domain, int64_t id, struct account *ret);
MUST_CHECK enum err account_find(struct service *s, const char *domain, enum account_by by,
	const char *value, struct account *ret);
/* What anybody may know. ERR_NOT_FOUND also where the setting public_account_info says no. */
MUST_CHECK enum err account_get_info(
	struct service *s, const char *domain, const char *username, struct account_info *ret);
/* page counts from 1. */
MUST_CHECK enum err account_list(struct service *s, const char *domain, int64_t page,
	struct account **ret, size_t *ret_count, int64_t *ret_total);
/* Opens the sealed tokens of an account that came from the store with an identity. */
MUST_CHECK enum err account_open(struct service *s, struct account *a);

/* ERR_SPACE_FULL before anything else is looked at; ERR_FORBIDDEN for a super admin's unknown
 * domain. */
MUST_CHECK enum err account_create_check(struct service *s, const struct account_caller *by,
	const struct account_input *in, struct field_errors *errors);
/* ERR_INVALID, with the field in `errors`, when somebody else was faster. */
MUST_CHECK enum err account_create(struct service *s, const struct account_caller *by,
	const struct account_input *in, struct field_errors *errors, struct account *ret);

/* Whole replacement: email, phone, display_name and dtmf_protocol are cleared when absent; activated,
 * blocked, admin, dictionary and the password stay (PUT of accounts-api I.7, MERGED).
 * ERR_CONFLICT: nobody takes his own admin flag or blocks himself. */
MUST_CHECK enum err account_update_check(struct service *s, const struct account_caller *by,
	const struct account_input *in, struct field_errors *errors);
MUST_CHECK enum err account_update(struct service *s, const struct account_caller *by,
	const struct account_input *in, struct field_errors *errors, struct account *ret);

MUST_CHECK enum err account_delete(struct service *s, const char *domain, int64_t id);

#endif
