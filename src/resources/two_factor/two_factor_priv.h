/*
 * Second factors in the database: secrets (sealed), the newest step used, recovery codes (hashes).
 * What a change must not race is one statement each; the caller joins them in a transaction.
 */
#ifndef DIALTONE_RESOURCES_TWO_FACTOR_TWO_FACTOR_PRIV_H
#define DIALTONE_RESOURCES_TWO_FACTOR_TWO_FACTOR_PRIV_H

#include <stdint.h>

#include "base/str.h"
#include "service/service.h"

struct two_factor_row {
	int64_t account_id;
	struct str secret;  /* sealed; p == NULL: it is off */
	struct str pending; /* sealed; p == NULL: no set-up is going on */
};

/* ERR_NOT_FOUND: neither on nor being set up. */
MUST_CHECK enum err two_factor_store_get(
	struct service *s, int64_t account_id, struct two_factor_row *ret);
/* Begins a set-up with this sealed secret, unless one is going on: *ret is the one in force.
 * ERR_CONFLICT: it is on, or the space wants none. */
MUST_CHECK enum err two_factor_store_begin(struct service *s, int64_t account_id, struct str sealed,
	int64_t expires_at, struct str *ret);
/* Forgets a set-up that goes on. */
MUST_CHECK enum err two_factor_store_cancel(struct service *s, int64_t account_id);
/* Ends the set-up that was begun with this sealed secret. ERR_NOT_FOUND: another request did, or its
 * time is over. */
MUST_CHECK enum err two_factor_store_enable(
	struct service *s, int64_t account_id, struct str sealed, int64_t step);
/* ERR_CONFLICT: a code of this step, or a later one, was used already. */
MUST_CHECK enum err two_factor_store_use_step(struct service *s, int64_t account_id, int64_t step);
/* Deletes everything. ERR_NOT_FOUND: it is not on. */
MUST_CHECK enum err two_factor_store_disable(struct service *s, int64_t account_id);

/* Hashes are in hexadecimal.  ERR_NOT_FOUND: none of them is a code that is left. */
MUST_CHECK enum err recovery_store_use(
	struct service *s, int64_t account_id, const char *const *hashes, size_t n);
/* Two steps of one transaction. ERR_NOT_FOUND: it is not on. */
MUST_CHECK enum err recovery_store_clear(struct service *s, int64_t account_id);
MUST_CHECK enum err recovery_store_add(
	struct service *s, int64_t account_id, const char *const *hashes, size_t n);

#endif
