/*
 * The directory of pbx/core/directory.h in our database.  What it said stays known for some seconds, for a flood asks the same
 * again and again, and for longer while the database is away.  What a user has chosen to be is always asked for.
 */
#ifndef DIALTONE_PBX_USER_BOOK_H
#define DIALTONE_PBX_USER_BOOK_H

#include "pbx/core/directory.h"

struct pg;
struct user_book;

struct user_book *user_book_new(struct pg *pg);
void user_book_free(struct user_book **u);
/* Good as long as they are. */
struct pbx_directory user_book_directory(struct user_book *u);

#endif
