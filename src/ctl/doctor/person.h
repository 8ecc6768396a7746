/*
 * A user of this machine, and what may be reached as that user: the one the programs run as, or nginx's.
 *
 * Reaching is reckoned from owners, groups and modes along the path, so it needs no rights but to look at them.
 */
#ifndef DIALTONE_CTL_DOCTOR_PERSON_H
#define DIALTONE_CTL_DOCTOR_PERSON_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"

#define PERSON_GROUPS_MAX 64

struct person {
	const char *name;
	uid_t uid;
	gid_t groups[PERSON_GROUPS_MAX]; /* the first is its own */
	size_t group_count;
};

/* False: there is no such user. */
bool person_named(const char *name, struct arena *arena, struct person *ret);
bool person_with(uid_t uid, struct arena *arena, struct person *ret);

/* The name of a group; its number where it has none. */
const char *group_name(gid_t gid, struct arena *arena);
/* Whose a file is; `otherwise` where there is none. */
uid_t person_owner(const char *path, uid_t otherwise);

enum person_reach {
	REACH_YES,
	REACH_NO,
	REACH_MISSING, /* there is no such file */
	REACH_UNKNOWN, /* the path cannot be looked at */
};
/* Whether a file may be read and written, as connecting to a socket takes.  where: the part of the path that is in
 * the way, or NULL, in the arena. */
enum person_reach person_reaches(
	const struct person *p, const char *path, struct arena *arena, const char **ret_where);

/* Until person_return() files, sockets and PostgreSQL see this user, where we are root; else nothing is changed. */
void person_become(const struct person *p);
void person_return(void);

#endif
