/*
 * Finding what a path is about, and what else a row reads (base/subject.h): alone, or in one exchange with the
 * identity.
 */
#ifndef DIALTONE_SERVICE_SUBJECT_H
#define DIALTONE_SERVICE_SUBJECT_H

#include "base/subject.h"
#include "service/service.h"

/* A subject being looked up. */
struct subject_lookup {
	const struct subject *subject;
	const struct subject_key
		*key;    /* zeroed: nothing of this name can exist, but the time is the same */
	void *row;       /* in the arena; a struct rows of a list; NULL: not looked up yet */
	enum err result; /* ERR_OK: row is complete; ERR_NOT_FOUND, or why it is not known */
	struct subject_lookup *next; /* looked up with it; NULL: no more */
};

/* Looks up those of the list that are not known yet, in an exchange of their own. */
void subject_find(struct service *s, struct subject_lookup *first);
/* Whether it is a list that is read, be it in one row, and neither a thing alone nor a page. */
bool subject_may_be_long(const struct subject *s);
/* Whether there is something in the list that is looked up by the caller. */
bool subject_is_of_caller(const struct subject_lookup *first);

#endif
