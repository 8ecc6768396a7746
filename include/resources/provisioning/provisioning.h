/*
 * What a phone is told so that it becomes the phone of an account (accounts-api 9.3, 10): the entries of its
 * space, where it finds contacts, and for an account its address and HA1.
 *
 * A token opens the document with the account once, which activates the account; a phone that comes again with
 * it gets what any phone gets (provisioning_used_token).
 */
#ifndef DIALTONE_RESOURCES_PROVISIONING_PROVISIONING_H
#define DIALTONE_RESOURCES_PROVISIONING_PROVISIONING_H

#include "base/str.h"
#include "base/subject.h"
#include "service/refusal.h"
#include "service/service.h"

/* Unknown, superseded and of another space: ERR_NOT_FOUND. */
extern const struct refusal provisioning_token_expired; /* 410 */
extern const struct refusal
	provisioning_two_factor; /* 403: no link gives such an account another password */
extern const struct refusal provisioning_header; /* 400: X-Linphone-Provisioning is missing */

#define PROVISIONING_TOKEN_MAX 64 /* characters that are looked at */

/* The site it is for: the domain of the request's space, and where links lead ("https://host"). */
struct provisioning_site {
	const char *domain, *url;
};

/* Subjects: what the document of the request's space is made of, that of the caller's account, and how the token of
 * the path is doing. */
struct provisioned;
struct provisioning_state {
	bool used, expired;
};
extern const struct subject provisioning_of_space; /* struct provisioned */
extern const struct subject provisioning_own;      /* the same */
extern const struct subject
	provisioning_by_path; /* {provisioning_token}: struct provisioning_state */

/* Documents are in the arena.  ERR_UNAVAILABLE also when the file with the entries of the space cannot be read. */
MUST_CHECK enum err provisioning_write(struct service *s, const struct provisioning_site *site,
	const struct provisioned *p, struct str *ret);
MUST_CHECK enum err provisioning_of_account(struct service *s, const struct provisioning_site *site,
	int64_t account_id, struct str *ret);
/* Inside a transaction.  new_password: the account gets a random one first. */
MUST_CHECK enum err provisioning_by_token(struct service *s, const struct provisioning_site *site,
	const char *token, bool new_password, struct str *ret);
/* Whether it opens an account's document: ERR_OK, or as above; a used one is ERR_NOT_FOUND. */
MUST_CHECK enum err provisioning_token_check(
	struct service *s, const struct provisioning_state *state);
/* The address that a phone is given. */
const char *provisioning_url(struct service *s, const struct provisioning_site *site,
	const char *token, bool new_password);

#endif
