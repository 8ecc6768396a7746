/* An account as its row gives it. Its table holds all of it, so that no statement joins another one
 * (sql/0009); what follows from other columns is not asked for. */
#ifndef DIALTONE_STORE_ACCOUNT_ROW_H
#define DIALTONE_STORE_ACCOUNT_ROW_H

#include "base/arena.h"
#include "model/account.h"

/* clang-format off */
/* The columns of ACCOUNT_FIELDS (model/account.h), in their order, from accounts `a`. */
#define ACCOUNT_COLUMNS                                                                             \
	" a.id, a.username, a.domain, a.email, a.activated, a.blocked, a.admin, a.ip_address,"      \
	" a.user_agent, a.created_at, a.updated_at, a.display_name, a.dtmf_protocol, a.phone,"      \
	" a.space_realm AS realm, a.confirmation_expires_at AS confirmation_key_expires,"           \
	" a.confirmation_sealed, a.provisioning_sealed,"                                            \
	" a.provisioning_expires_at AS provisioning_token_expire_at, a.dictionary,"                 \
	" a.algorithms AS passwords, a.types, a.actions"
/* clang-format on */

/* To be called for each account that was read. */
void account_row_complete(struct arena *arena, struct account *a);

#endif
