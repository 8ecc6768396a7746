/*
 * The life of an account: made, looked at, changed, deleted (accounts-api I.6 and I.7).
 *
 * Accounts are seen per domain.  Changes belong inside a transaction: they add everything that is wrong
 * to s->errors and answer ERR_INVALID before anything is changed.
 */
#ifndef DIALTONE_RESOURCES_ACCOUNTS_ACCOUNT_H
#define DIALTONE_RESOURCES_ACCOUNTS_ACCOUNT_H

#include "base/field_errors.h"
#include "base/rows.h"
#include "base/subject.h"
#include "service/caller.h"
#include "service/service.h"
#include "resources/accounts/fields.h"
#include "resources/accounts/policy.h"
#include "resources/spaces/fields.h"

#define ACCOUNT_PAGE_SIZE 20

/* What a caller asks for. Members that were not given are NULL, TRI_UNSET or 0. */
struct account_input {
	const char *username, *password, *algorithm, *domain;
	const char *email, *phone, *display_name, *dtmf_protocol;
	enum tri activated, blocked, admin;
	const char *dictionary; /* JSON object of texts */
	int64_t confirmation_key_expires;
};

/* What its sealed tokens are bound to, so that one kind cannot be passed off as the other. */
extern const struct str account_provisioning_context, account_confirmation_context,
	account_change_code_context;

/* By which door an account is made. */
enum account_door {
	ACCOUNT_DOOR_ADMIN, /* also of the command line */
	ACCOUNT_DOOR_TOKEN, /* a person, with an account creation token */
	ACCOUNT_DOOR_PUBLIC /* the same as older clients do it: the name may be a phone number */
};

/* Who asks, and for which space. */
struct account_caller {
	bool super;
	enum account_door door;
	int64_t account_id; /* 0: an operator with dialtonectl, or a person without an account */
	const struct space *space;
	bool last; /* nothing follows the change in its transaction, which is committed with it */
};

/* Subjects of a path: struct account in the caller's space, its tokens readable. */
extern const struct subject account_subject;      /* {id} */
extern const struct subject account_by_sip;       /* {sip}: of that domain only */
extern const struct subject account_by_sip_phone; /* {sip}, the name may be a phone number */
extern const struct subject account_info_by_sip;  /* {sip}: struct account_info */
/* Of the caller's space: a page of accounts by id, their tokens unread, and how many there are in all (struct counted). */
extern const struct subject accounts_page, accounts_count;
/* For other subjects that a {sip} names: its row, and name and domain of the key out of it; ERR_NOT_FOUND: the
 * domain is not the caller's. */
extern const struct field account_sip_in_path[];
MUST_CHECK enum err account_key_in_space(struct subject_key *k, struct arena *arena);
MUST_CHECK enum err account_key_anywhere(struct subject_key *k, struct arena *arena);
/* For those below an account: the row of its {id}. */
#define ACCOUNT_ID_IN_PATH                                                                 \
	FIELD_INT(subject_key, id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1, \
		.doc = "Identifier of the account")

/* ERR_NOT_FOUND outside the domain. Tokens in *ret are readable. */
MUST_CHECK enum err account_find(struct service *s, const char *domain, enum account_by by,
	const char *value, struct account *ret);
/* At most `limit` with an id above `after`, by id; *ret has accounts, their tokens unread. */
MUST_CHECK enum err account_list_after(
	struct service *s, const char *domain, int64_t after, int64_t limit, struct rows *ret);
/* The caller's own. */
MUST_CHECK enum err account_of_caller(
	struct service *s, const struct identity *who, struct account *ret);
/* For a reader who may not see how its phones are provisioned. */
void account_hide_provisioning(struct account *a);
/* Adds the codes of pending changes to what is told of them, where administrators may see those
 * (admin_show_codes). */
MUST_CHECK enum err account_show_codes(struct service *s, struct account *a);
/* Opens the sealed tokens of an account that came from the database. */
MUST_CHECK enum err account_open(struct service *s, struct account *a);
/* What subjects whose row is a struct account are completed with: its row, and its tokens opened. */
MUST_CHECK enum err account_complete(struct service *s, void *account);

/* Adds to s->errors what another account of the domain has already, and a number of a country that is not
 * accepted; NULL: not asked. self: the account that may keep what it has, 0 for a new one. */
MUST_CHECK enum err account_contact_check(
	struct service *s, const char *domain, const char *email, const char *phone, int64_t self);

extern const struct refusal space_full;

/* space_full before anything else is looked at; ERR_FORBIDDEN for a super admin's unknown
 * domain. */
MUST_CHECK enum err account_create(struct service *s, const struct account_caller *by,
	const struct account_input *in, struct account *ret);

/* Whole replacement: email, phone, display_name and dtmf_protocol are cleared when absent; activated,
 * blocked, admin, dictionary and the password stay (PUT of accounts-api I.7, MERGED).
 * now NULL: there is none, which is told after what is wrong with the input (ERR_NOT_FOUND).
 * ERR_CONFLICT: no administrator takes their own admin flag or blocks their own account. */
MUST_CHECK enum err account_update(struct service *s, const struct account_caller *by,
	const struct account *now, const struct account_input *in, struct account *ret);

/* API keys and passwords stay, and answer 403 while it is blocked.  ERR_CONFLICT: no administrator
 * blocks their own account. */
MUST_CHECK enum err account_set_blocked(struct service *s, const struct account_caller *by,
	const struct account *a, bool blocked, struct account *ret);

/* What an administrator deactivated nothing but an administrator activates again: see
 * accounts.deactivated_by_admin. */
MUST_CHECK enum err account_set_activated(
	struct service *s, const struct account *a, bool activated, struct account *ret);

/* For a user who has shown what only they know: what an administrator deactivated stays so.  ERR_NOT_FOUND. */
MUST_CHECK enum err account_activate_own(
	struct service *s, const struct account *a, struct account *ret);

/* A fresh provisioning token; the one before is unknown from then on (accounts-api 9.3). */
MUST_CHECK enum err account_provision(
	struct service *s, const char *domain, int64_t id, struct account *ret);

/* Replaces what is stored. ERR_NOT_FOUND. */
MUST_CHECK enum err account_set_password(
	struct service *s, const char *domain, int64_t id, const struct account_ha1 *password);

MUST_CHECK enum err account_delete(struct service *s, const struct account *a);
MUST_CHECK enum err account_delete_own(struct service *s, const struct identity *who);

#endif
