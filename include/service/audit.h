/*
 * The audit trail: who changed what, by which door, and when.  One row for each request or command that changed
 * something, in the transaction that changed it: neither is there without the other, and a row that cannot be written
 * (a full disk) refuses the change.  It has names of fields, and never a value.
 *
 * A program says in service.trail what it knows of who asks and for what; the rule that makes a change says so by its
 * transaction (service_change() in service/transaction.h).  Reading is resources/audit's business.
 */
#ifndef DIALTONE_SERVICE_AUDIT_H
#define DIALTONE_SERVICE_AUDIT_H

#include "service/service.h"

#define AUDIT_TEXT_MAX 1024 /* bytes of an object, a part of it, an actor; what is longer is cut */

struct pg_call;

struct audit_entry {
	const char *domain; /* of the space whose trail it is; "": of the whole server */
	const char *actor;  /* user@domain, or a user of the machine; NULL: a stranger */
	const char *door;   /* how the actor proved itself: "key" */
	const char *ip;
	const char *action;        /* name of the endpoint, words of the command */
	const char *object;        /* "account:alice@sip.example.org"; NULL: none */
	int64_t account_id;        /* the object is this account, if it is there; 0: as above */
	const char *part;          /* of the object: "extensions/201"; NULL: all of it */
	const char *const *fields; /* names */
	size_t fields_n;
	bool at_once; /* the commit travels with the change: whether there was any, triggers tell */
};

/* The change is about this account, though neither path nor caller say so: told by rules before the last exchange of
 * their transaction.  Borrowed until it has ended. */
void audit_about(struct service *s, const char *username, const char *domain);
void audit_about_id(struct service *s, int64_t account_id);
/* What is made is called so, which the answer tells too late where the commit travels with the change. */
void audit_made(struct service *s, const char *name);

/* What has been changed outside of the database leaves its row, too, afterwards. Without a trail this does nothing. */
MUST_CHECK enum err audit_note(struct service *s);

/* For service/transaction.c: the statement that goes before the commit, of a service with a trail. */
const struct pg_call *audit_call(void *service);

#endif
