#include "store/statements.h"

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

static const struct stmt *const stores[] = { account_stmts, cleanup_stmts, cti_setting_stmts,
	cti_user_stmts, extension_stmts, guess_stmts, identity_stmts, key_stmts, legacy_stmts,
	nonce_stmts, outbox_stmts, profile_stmts, sealed_stmts, session_stmts, space_stmts,
	status_stmts, two_factor_stmts };

void statements_register(struct pg *pg)
{
	for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++)
		pg_register(pg, stores[i]);
}
