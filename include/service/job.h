/*
 * Work that is left to others, written in the transaction that makes it necessary: a mail with a code, a
 * text message.  Nothing of it is done here, and no request waits for it.
 *
 * A kind of job is a row beside the rule that adds it; its payload is a struct that field rows describe.
 * It is of the request that the log is of at that moment.  Payloads with codes, links or other secrets are sealed: "dialtonectl jobs show ID --payload" opens them.
 */
#ifndef DIALTONE_SERVICE_JOB_H
#define DIALTONE_SERVICE_JOB_H

#include "base/field.h"
#include "service/service.h"

#define JOB_PAYLOAD_MAX ((size_t)64 << 10) /* as JSON */

struct job_kind {
	const char *name; /* "mail.email_code" */
	const struct field *payload;
	bool secret; /* the payload is sealed */
};

/* One as it waits. */
struct job {
	int64_t id;
	const char *kind, *domain;
	int64_t account_id;  /* 0: about no account */
	int64_t created_at;  /* microseconds, as expires_at */
	int64_t expires_at;  /* from then on it is not tried any more */
	const char *state;   /* "waiting"; "running"; "dead": given up, or expired */
	int64_t attempts;    /* so far; counts when one begins */
	int64_t due_at;      /* when it is tried next; running: when another worker may take it */
	int64_t ended_at;    /* dead: since when */
	const char *failure; /* what the last attempt failed with; NULL: nothing yet */
	const char *request_id; /* that asked for it; NULL: none */
	const char *mark;       /* the same at each attempt: Message-ID, idempotency key */
	bool secret;            /* the payload is sealed */
	const char *payload; /* a JSON object; NULL: not read, or sealed with a key that is lost */
	struct str sealed;
};

/* What job_list() fills: all but the payload; and with it. */
extern const struct field job_fields[], job_payload_fields[];
extern const char *const job_states[];
/* For crypto/reseal: what payloads are sealed for. */
extern const struct str job_context;

/* payload: the struct of the kind's rows.  Inside a transaction.  ERR_LIMIT: the payload is too large. */
MUST_CHECK enum err job_add(struct service *s, const struct job_kind *kind, const char *domain,
	int64_t account_id, int64_t expires_at, const void *payload);

/* The newest first, at most `limit`; kind NULL: of all kinds; state likewise. */
MUST_CHECK enum err job_list(struct service *s, const char *kind, const char *state, int64_t limit,
	struct job **ret, size_t *ret_count);
/* With its payload if that is wanted. ERR_NOT_FOUND. */
MUST_CHECK enum err job_get(struct service *s, int64_t id, bool payload, struct job *ret);
/* Opens the payload of one that was read with it sealed; a payload that no key opens stays NULL. */
MUST_CHECK enum err job_open(struct service *s, struct job *j);

/* A dead one, or one that waits for its next attempt, is tried again at once, its attempts counted anew.
 * ERR_NOT_FOUND: there is none, it has expired, or it runs. */
MUST_CHECK enum err job_retry(struct service *s, int64_t id);
/* ERR_NOT_FOUND: there is none, or it runs. */
MUST_CHECK enum err job_drop(struct service *s, int64_t id);

#endif
