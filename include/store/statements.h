/* Every statement of every store, for programs that may need any of them. */
#ifndef DIALTONE_STORE_STATEMENTS_H
#define DIALTONE_STORE_STATEMENTS_H

#include "pg/pg.h"

/* Before pg_connect(). */
void statements_register(struct pg *pg);

#endif
