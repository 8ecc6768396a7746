/* What the aggregates of store/ share: the connection, and where each one's statements are. */
#ifndef DIALTONE_STORE_PRIV_H
#define DIALTONE_STORE_PRIV_H

#include "pg/pg.h"
#include "store/store.h"

struct store {
	struct pg *pg;
};

/* The row of a statement that answers with an id alone. */
struct store_id {
	int64_t id;
};
extern const struct field store_id_fields[];

/* Runs a command that has to touch something: `none` when there was nothing to touch. */
MUST_CHECK enum err store_change(struct store *st, const struct stmt *s, enum err none,
	const struct pg_value *values, size_t n);

/* One registry per aggregate, ended by a row without a name. */
extern const struct stmt account_stmts[];
extern const struct stmt cleanup_stmts[];
extern const struct stmt cti_setting_stmts[];
extern const struct stmt cti_user_stmts[];
extern const struct stmt extension_stmts[];
extern const struct stmt guess_stmts[];
extern const struct stmt identity_stmts[];
extern const struct stmt key_stmts[];
extern const struct stmt legacy_stmts[];
extern const struct stmt nonce_stmts[];
extern const struct stmt outbox_stmts[];
extern const struct stmt profile_stmts[];
extern const struct stmt sealed_stmts[];
extern const struct stmt session_stmts[];
extern const struct stmt space_stmts[];
extern const struct stmt status_stmts[];
extern const struct stmt two_factor_stmts[];

#endif
