/*
 * The directory of pbx/directory.h in our database.  What it said stays known for some seconds, for a flood asks the same
 * again and again, and for longer while the database is away.  What a user has chosen to be is always asked for.
 */
#ifndef DIALTONE_PBX_USERS_H
#define DIALTONE_PBX_USERS_H

#include "pbx/directory.h"

struct pg;
struct users;

struct users *users_new(struct pg *pg);
void users_free(struct users **u);
/* Good as long as they are. */
struct pbx_directory users_directory(struct users *u);

#endif
