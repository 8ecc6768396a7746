/* Codes in the database: only a keyed hash of each, and a sealed copy where administrators may see it. */
#ifndef DIALTONE_RESOURCES_CONTACT_CHANGES_CONTACT_CHANGES_PRIV_H
#define DIALTONE_RESOURCES_CONTACT_CHANGES_CONTACT_CHANGES_PRIV_H

#include "resources/contact_changes/contact_change.h"

/* What decides whether an account may ask for a code. */
struct change_state {
	int64_t requests; /* of both kinds, in the last minutes */
	bool validated;   /* a creation token was consumed for it */
	const char *email;
};

struct change_row {
	int64_t id, account_id;
	const char *value; /* the address, or the number */
	const char *code_hash;
	struct str code_sealed; /* p == NULL: it is not shown */
	const char *ip, *user_agent;
	int64_t expires_at;
};

/* Locks the account until the end of the transaction. */
MUST_CHECK enum err change_store_state(
	struct service *s, int64_t account_id, int64_t minutes, struct change_state *ret);
MUST_CHECK enum err change_store_block(struct service *s, int64_t account_id);
/* In the place of the one that was alive. */
MUST_CHECK enum err change_store_add(
	struct service *s, enum contact_kind kind, const struct change_row *row);
/* Counts a try in one step, at most so many. ERR_NOT_FOUND: none is alive, it has expired, or there were as
 * many. */
MUST_CHECK enum err change_store_try(struct service *s, enum contact_kind kind, int64_t account_id,
	int64_t tries, struct change_row *ret);
/* *ret: how often the one that waits, perhaps in vain, was tried. ERR_NOT_FOUND: there is none. */
MUST_CHECK enum err change_store_tries(
	struct service *s, enum contact_kind kind, int64_t account_id, int64_t *ret);
/* ERR_NOT_FOUND: it was used, or another took its place. */
MUST_CHECK enum err change_store_consume(
	struct service *s, enum contact_kind kind, const struct change_row *row);
/* Writes the value into the account, and activates it. */
MUST_CHECK enum err change_store_apply(
	struct service *s, enum contact_kind kind, const struct change_row *row);

#endif
