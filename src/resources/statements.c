#include "resources/statements.h"

#include "resources.h"

#define DECLARE(name) extern const struct stmt name##_stmts[];
STATEMENTS(DECLARE)
#undef DECLARE

#define ENTRY(name) name##_stmts,
static const struct stmt *const stores[] = { STATEMENTS(ENTRY) };
#undef ENTRY

void statements_register(struct pg *pg)
{
	for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++)
		pg_register(pg, stores[i]);
}
