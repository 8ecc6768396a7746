/*
 * A user of the CTI: what they see of themselves and of others, their settings, their default device
 * (cti-api 1.5, 4.2), and what administrators set for them.
 */
#ifndef DIALTONE_RESOURCES_CTI_USERS_CTI_USER_H
#define DIALTONE_RESOURCES_CTI_USERS_CTI_USER_H

#include "base/rows.h"
#include "base/subject.h"
#include "resources/accounts/fields.h"
#include "service/service.h"
#include "resources/cti_users/fields.h"
#include "service/caller.h"

#define AVATAR_BYTES_MAX (256 * 1024)

/* The caller: struct cti_user. */
extern const struct subject cti_user_own;
/* ERR_NOT_FOUND: no such account, here and in the next two. */
MUST_CHECK enum err cti_user_get(struct service *s, int64_t account_id, struct cti_user *ret);

/* All users of the caller's domain, in the order of extensions_of_domain: struct cti_user. */
extern const struct subject cti_users_of_domain;

/* The header of an answer about a domain that is too large for one: it has the caller's own alone. */
#define CTI_DIRECTORY_OWN "X-Directory", "own"
/* Whether the list of users is such a one; the answer counts as limited. */
bool cti_users_are_own(struct service *s, const struct rows *users);

/* Of the caller's domain: struct cti_avatars. */
struct cti_avatars {
	const char *document; /* a JSON object: user name to picture */
	bool own; /* the caller's alone: all are too many, or more than CTI_AVATARS_MAX */
};
#define CTI_AVATARS_MAX 33554432 /* bytes */
extern const struct subject cti_avatars_of_domain;
bool cti_avatars_are_own(struct service *s, const struct cti_avatars *avatars);

/* ERR_FORBIDDEN: not an extension of this user. */
MUST_CHECK enum err cti_user_choose_device(
	struct service *s, const struct cti_user *u, const char *exten);

/* Adds or replaces settings; object is a JSON object. ERR_BAD_REQUEST: none, a name that is too
 * long, a null, or more than 64 in all. ERR_TOO_LARGE: more than 64 KiB besides the avatar. */
MUST_CHECK enum err cti_user_put_settings(
	struct service *s, int64_t account_id, const char *object);
/* key NULL: all. */
MUST_CHECK enum err cti_user_delete_settings(
	struct service *s, int64_t account_id, const char *key);
/* A `check` function of field tables: a data URL with a PNG, JPEG, GIF or WebP picture. */
const struct text *cti_user_avatar_check(struct str s);

/* {id} of an account in the caller's space: struct cti_user_change. */
extern const struct subject cti_user_subject;
/* ERR_INVALID with the fields in s->errors. */
MUST_CHECK enum err cti_user_admin_put(struct service *s, const struct account *a,
	const struct cti_user_change *in, struct cti_user_change *ret);

#endif
