/*
 * Removing what has expired, each kind at its own pace.  Several processes may do so at once.
 */
#ifndef DIALTONE_JOBS_CLEANUP_H
#define DIALTONE_JOBS_CLEANUP_H

#include "service/service.h"

enum cleanup {
	CLEANUP_SESSIONS, /* expired 30 days ago */
	CLEANUP_REVOKED_SESSIONS,
	CLEANUP_API_KEYS,      /* unused for longer than their own limit */
	CLEANUP_DIGEST_NONCES, /* expired */
	CLEANUP_RESET_TOKENS,  /* links in mails: expired a week ago; likewise */
	CLEANUP_WIZARDS,
	CLEANUP_AUTH_TOKENS,    /* expired */
	CLEANUP_GUESSES,        /* their time was over a day ago */
	CLEANUP_JOBS,           /* given up or expired some days ago */
	CLEANUP_JOB_PACES,      /* of spaces that rest */
	CLEANUP_KNOWN_NETWORKS, /* not logged in from for 30 days: they spare no account any more */
	CLEANUP_CREATION_TOKENS, /* expired a week ago */
	CLEANUP_LEFT_TOKENS,     /* of creation, whose account is gone for a week */
	CLEANUP_REQUEST_TOKENS,
	CLEANUP_RECOVERY_TOKENS,
	CLEANUP_EMAIL_CODES, /* made two days ago */
	CLEANUP_PHONE_CODES,
	CLEANUP_MESSAGES, /* statistics: reported longer ago than they are kept */
	CLEANUP_CALLS,
	CLEANUP_HISTORY,          /* of calls: ended longer ago than it is kept */
	CLEANUP_AUDIT,            /* changed longer ago than the trail is kept */
	CLEANUP_MESSAGES_OF_GONE, /* what deleted accounts had sent, beyond what went with them */
	CLEANUP_CALLS_OF_GONE,
	CLEANUP_ACCOUNTS_COUNTS,
	CLEANUP_GONE, /* the note of it, when nothing is left */
	CLEANUP_COUNT
};

struct cleanup_plan {
	int64_t due_ms[CLEANUP_COUNT]; /* clock_ms(); 0: now */
	int64_t statistics_days;       /* how long they are kept; 0: for ever */
	int64_t calls_days;            /* the same of the history of calls */
	int64_t audit_days;            /* the same of the audit trail */
	int64_t dead_days;             /* the same of jobs that were given up */
};

/* Runs what is due, none more often than every interval_s seconds. Failures are tried again then. */
void cleanup_run_due(struct cleanup_plan *plan, struct service *s, int64_t interval_s);

#endif
