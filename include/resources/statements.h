/* Every statement of every store, for programs that may need any of them. */
#ifndef DIALTONE_RESOURCES_STATEMENTS_H
#define DIALTONE_RESOURCES_STATEMENTS_H

#include "pg/pg.h"

/* Before pg_connect(). */
void statements_register(struct pg *pg);

#endif
