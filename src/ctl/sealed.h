/*
 * Every place in the database that holds a sealed value (crypto/seal), for renewing the seals.
 */
#ifndef DIALTONE_CTL_SEALED_H
#define DIALTONE_CTL_SEALED_H

#include <stdint.h>

#include "base/str.h"
#include "service/service.h"

#define SEALED_AT_ONCE 500 /* rows */

enum sealed_place {
	SEALED_TOTP,         /* of an account */
	SEALED_TOTP_PENDING, /* of an account */
	SEALED_PROVISIONING,
	SEALED_CONFIRMATION,
	SEALED_EXTENSION,
	SEALED_JOB,
	SEALED_EMAIL_CODE,
	SEALED_PHONE_CODE,
	SEALED_EMAIL_PASSWORD, /* of the mail server of a space */
	SEALED_CLIENT_SECRET,  /* at the identity provider of a space */
	SEALED_PLACES
};

struct sealed_value {
	int64_t id; /* of the row; where it says so, of the account */
	struct str sealed;
};

#define SEALED_WITH_ANY (-2) /* in the place of a key's id: no value is left out */

/* Those that were not sealed with this key, by id above `after`: at most SEALED_AT_ONCE. */
MUST_CHECK enum err sealed_store_list(struct service *s, struct arena *arena,
	enum sealed_place place, int64_t key_id, int64_t after, struct sealed_value **ret,
	size_t *ret_count);
/* ERR_NOT_FOUND: the value was changed since. */
MUST_CHECK enum err sealed_store_replace(struct service *s, enum sealed_place place,
	const struct sealed_value *old, struct str sealed);
/* Takes it away, and what is of no use without it; the row too, unless it says more.
 * ERR_NOT_FOUND: the value was changed since. */
MUST_CHECK enum err sealed_store_drop(
	struct service *s, enum sealed_place place, const struct sealed_value *old);
/* How many values say that they were sealed with this key. */
MUST_CHECK enum err sealed_store_count(struct service *s, int64_t key_id, int64_t *ret);
/* The highest id of a key that a value says it was sealed with; 0 when there is no value. */
MUST_CHECK enum err sealed_store_newest_key(struct service *s, int64_t *ret);

#endif
