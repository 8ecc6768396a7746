/*
 * The devices of users (cti-api 1.5), made by administrators, used by their owners.
 *
 * A user without any has one all the same: the telephone that registers with the account itself.
 */
#ifndef DIALTONE_RESOURCES_EXTENSIONS_EXTENSION_H
#define DIALTONE_RESOURCES_EXTENSIONS_EXTENSION_H

#include "base/field_errors.h"
#include "service/service.h"
#include "resources/cti_users/fields.h"
#include "resources/extensions/fields.h"

/* Of their owner, with the secrets in clear; never none. */
MUST_CHECK enum err extension_list_own(
	struct service *s, const struct cti_user *u, struct extension **ret, size_t *ret_count);
/* The one that stands for a user who has none. */
struct extension extension_of_account(const struct cti_user *u);

/* What the sealed secret of one is bound to. */
extern const struct str extension_secret_context;

/* What an administrator asks for. Absent members are NULL and 0. */
struct extension_input {
	int64_t account_id;
	const char *exten, *type, *username, *secret, *description;
	int64_t proxy_port;
};

/* ERR_NOT_FOUND: outside the domain.  Secrets stay sealed. */
MUST_CHECK enum err extension_list(struct service *s, const char *domain, int64_t account_id,
	struct extension **ret, size_t *ret_count);
MUST_CHECK enum err extension_get(struct service *s, const char *domain, int64_t account_id,
	const char *exten, struct extension *ret);

/* name of a SIP device: the number if absent; secret: a random one if absent, and the stored one in
 * an update.  ERR_INVALID, with the fields in `errors`; ERR_NOT_FOUND outside the domain. */
MUST_CHECK enum err extension_create(struct service *s, const char *domain,
	const struct extension_input *in, struct field_errors *errors);
MUST_CHECK enum err extension_update(struct service *s, const char *domain,
	const struct extension_input *in, struct field_errors *errors);
MUST_CHECK enum err extension_delete(
	struct service *s, const char *domain, int64_t account_id, const char *exten);

/* A `check` function of field tables: digits, letters and * # + . _ - */
enum text_id extension_check(struct str s);

/* All of the domain, by account and number. */
MUST_CHECK enum err extension_list_domain(
	struct service *s, const char *domain, struct extension **ret, size_t *ret_count);

#endif
