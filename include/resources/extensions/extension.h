/*
 * The devices of users (cti-api 1.5), made by administrators, used by their owners.
 *
 * A user without any has one all the same: the telephone that registers with the account itself.
 */
#ifndef DIALTONE_RESOURCES_EXTENSIONS_EXTENSION_H
#define DIALTONE_RESOURCES_EXTENSIONS_EXTENSION_H

#include "base/rows.h"
#include "base/subject.h"
#include "resources/accounts/fields.h"
#include "service/service.h"
#include "resources/extensions/fields.h"

/* {id} and {exten} of a path: struct extension in the caller's space, the secret sealed. */
extern const struct subject extension_subject;

/* Those of the caller and of {id}, by number; those of the caller's domain, by account and number: struct extension,
 * the secrets sealed. */
extern const struct subject extensions_own, extensions_of_account, extensions_of_domain;

/* Opens the secrets of an owner's own ones; where there are none, the one they have all the same. */
MUST_CHECK enum err extension_open_own(struct service *s, int64_t account_id, const char *username,
	const char *display_name, struct rows *list);
/* Of their owner, with the secrets in clear; never none. */
MUST_CHECK enum err extension_list_own(struct service *s, int64_t account_id, const char *username,
	const char *display_name, struct extension **ret, size_t *ret_count);
/* The one that stands for a user who has none. */
struct extension extension_of_account(
	int64_t account_id, const char *username, const char *display_name);

/* What the sealed secret of one is bound to. */
extern const struct str extension_secret_context;

/* What an administrator asks for. Absent members are NULL and 0. */
struct extension_input {
	const char *exten; /* of a new one */
	const char *type, *username, *secret, *description;
	int64_t proxy_port;
};

/* name of a SIP device: the number if absent; secret: a random one if absent, and the stored one in
 * an update.  ERR_INVALID, with the fields in s->errors; limit_reached. */
MUST_CHECK enum err extension_create(struct service *s, const struct account *a,
	const struct extension_input *in, struct extension *ret);
MUST_CHECK enum err extension_update(struct service *s, const struct extension *now,
	const struct extension_input *in, struct extension *ret);
MUST_CHECK enum err extension_delete(struct service *s, const struct extension *x);

#endif
