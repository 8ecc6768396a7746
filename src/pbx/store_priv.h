/* What dialtone-pbx asks PostgreSQL. */
#ifndef DIALTONE_PBX_STORE_PRIV_H
#define DIALTONE_PBX_STORE_PRIV_H

#include "base/arena.h"
#include "pbx/core/directory.h"

struct pg;

/* As pbx/core/directory.h says of them. */
MUST_CHECK enum err pbx_store_user(struct pg *pg, const struct pbx_address *address,
	struct arena *arena, struct pbx_user *ret);
MUST_CHECK enum err pbx_store_presence(
	struct pg *pg, int64_t account_id, struct arena *arena, struct pbx_presence *ret);

/* The domains of all spaces. */
struct pbx_domain {
	const char *domain;
};
MUST_CHECK enum err pbx_store_domains(
	struct pg *pg, struct arena *arena, struct pbx_domain **ret, size_t *ret_n);

/* One contact of Kamailio's table. */
struct registration {
	int64_t row_id;
	const char *address, *contact, *place, *user_agent;
};
/* Those behind a row, at most so many, in order. */
MUST_CHECK enum err pbx_store_registrations(struct pg *pg, int64_t after_row, int64_t most,
	struct arena *arena, struct registration **ret, size_t *ret_n);

/* Takes the place of the connector that is at work, or still has it, for as long as the connection lives. */
MUST_CHECK enum err pbx_store_lease(struct pg *pg, bool *ret_mine);

/* Of a connection for all of them, and of one for the lease alone. */
void pbx_store_register(struct pg *pg);
void pbx_store_register_lease(struct pg *pg);

#endif
