#include "ctl_priv.h"

#include "pg/pg.h"
#include "resources/statements.h"

extern const struct stmt ctl_sealed_stmts[], ctl_status_stmts[];

struct pg *database_new(const struct ctl *c)
{
	struct pg *pg = pg_new(&(struct pg_settings){
		.conninfo = c->common->postgres, .app_name = "dialtonectl" });

	statements_register(pg);
	pg_register(pg, ctl_sealed_stmts);
	pg_register(pg, ctl_status_stmts);
	return pg;
}
