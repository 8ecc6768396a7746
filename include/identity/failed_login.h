/*
 * What the log says of logins that fail and of locks that begin, for people and for what bans addresses
 * (packaging/fail2ban, docs/monitoring.md):
 *
 *   event=login_failed door=login reason=password address=192.0.2.7 left_out=0 account=12 name=alice@example.org
 *   event=locked door=login scope=account address=192.0.2.7 network=192.0.2.7 seconds=900 account=12 name=...
 *
 * What the client has said comes last, so that nothing in it can be taken for a field before it.
 *
 * A name without an account may be a password that was typed into the wrong field.  Of one that is of the space that
 * was asked the first two characters are shown, with a star for the others: enough to recognise a user who mistypes
 * their name, or a script that tries one after the other.  One of three characters, shorter than any password, is shown
 * as it is.  Of another space's, or with anything but letters, digits and ._+- at the beginning, it is "-".
 *
 * A flood writes no more than 10 lines a second of each worker, 100 at once; those left out are counted in the next
 * one.  Who goes on is among those that are written.
 */
#ifndef DIALTONE_IDENTITY_FAILED_LOGIN_H
#define DIALTONE_IDENTITY_FAILED_LOGIN_H

#include "identity/door.h"
#include "service/service.h"

enum login_fault {
	FAULT_PASSWORD,
	FAULT_UNKNOWN_NAME,
	FAULT_LOCKED, /* it is not said whether the password was right */
	FAULT_BLOCKED,
	FAULT_NOT_HERE, /* the password was right, and opens nothing at this door */
	FAULT_KEY,
	FAULT_TOKEN,   /* none of ours, or changed */
	FAULT_EXPIRED, /* a token of ours, as the next one */
	FAULT_REVOKED,
	FAULT_CODE,
	FAULT_COUNT
};

struct failed_login {
	enum door door;
	enum login_fault fault;
	int64_t account_id;            /* 0: there is none, or it is not known */
	const char *username, *domain; /* as they were tried; NULL: no name was */
};

void failed_login_log(struct service *s, const struct failed_login *f);

enum lock_scope {
	LOCK_ACCOUNT,            /* for one network */
	LOCK_ACCOUNT_EVERYWHERE, /* for all but those it is known on */
	LOCK_NETWORK,            /* for all accounts */
	LOCK_SECOND_FACTOR
};

/* A lock has begun, for so many seconds: there is one line for each. */
void failed_login_log_lock(
	struct service *s, const struct failed_login *last, enum lock_scope scope, int64_t seconds);

#endif
