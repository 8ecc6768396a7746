/* Finding what a path is about (base/subject.h): alone, or in one exchange with the identity. */
#ifndef DIALTONE_SERVICE_SUBJECT_H
#define DIALTONE_SERVICE_SUBJECT_H

#include "base/subject.h"
#include "service/service.h"

/* A subject being looked up. */
struct subject_lookup {
	const struct subject *subject;
	const struct subject_key
		*key;    /* zeroed: nothing of this name can exist, but the time is the same */
	void *row;       /* in the arena; NULL: not looked up yet */
	enum err result; /* ERR_OK: row is complete; ERR_NOT_FOUND, or why it is not known */
};

/* Looks it up in an exchange of its own. */
void subject_find(struct service *s, struct subject_lookup *l);

#endif
