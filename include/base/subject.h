/*
 * What a path is about: the account of /accounts/{id}, the session of /sessions/{jti}.
 *
 * A row of endpoints names its subject.  The gate finds it once, in the caller's space and in the same
 * exchange with the database as the identity, and hands it to the handler: no handler sees a raw {id}.
 * What is missing and what belongs to another space answer alike, in time, too, since both look-ups
 * always run.
 *
 * A row may read something else in the same exchange, in the same way: a list, the caller's own.  Its statement
 * names the caller's space or the caller as well as the {id}, and finds nothing for strangers.
 *
 * A subject is defined in the store of its resource, beside its statement.
 */
#ifndef DIALTONE_BASE_SUBJECT_H
#define DIALTONE_BASE_SUBJECT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/field.h"

struct service;
struct stmt;

/* What it is looked up by. The gate fills it; members a path does not have are zero. */
struct subject_key {
	const char *domain; /* of the caller's space */
	int64_t caller_id;  /* the caller's account; set for subjects that are the caller's own */
	int64_t id;
	int64_t part_id; /* of a thing within the first, or beside it */
	const char *name;
	int64_t page; /* from 1; set for rows whose result is a page */
};

struct subject {
	const char *name;         /* "account": for people */
	const struct field *path; /* FIELD_IN_PATH rows over struct subject_key */
	/* Completes the key after the path was read and the domain set; ERR_NOT_FOUND: there can be no
	 * such thing. May be NULL. */
	enum err (*key)(struct subject_key *k, struct arena *arena);
	/* Its values are of the key: SUBJECT_KEY in service/subject_call.h. */
	const struct stmt *find;
	/* Opens what is sealed, derives what is not stored. May be NULL. */
	enum err (*complete)(struct service *s, void *row);
	bool of_caller; /* looked up by caller_id: with the identity, or when that is known */
	bool in_one;    /* its one row has a whole list in it, which may be long */
	bool is_page;   /* a list of a page at most */
};

#endif
