/*
 * What carries out jobs (service/job.h): a back end is a row of functions, and takes all kinds that begin with
 * its name and a dot.
 *
 * One that is not set up is `none`: its jobs wait, visible, until they expire.  An attempt begins in start()
 * and ends, at once or later, by one call of attempt_end(); nothing waits in between: what takes time is given
 * to the transfers (outgoing/transfers.h), which call back.  The same job may be tried again after an attempt
 * that seemed to fail, and after a crash: job.mark is the same each time, and goes where the receiver can see it.
 */
#ifndef DIALTONE_DELIVERY_BACKEND_H
#define DIALTONE_DELIVERY_BACKEND_H

#include "base/field.h"
#include "conf/settings.h"
#include "service/job.h"
#include "service/service.h"

struct delivery_shared;
struct outgoing_settings;
struct transfers;

enum attempt_result {
	ATTEMPT_DONE,
	ATTEMPT_LATER,  /* it may succeed another time */
	ATTEMPT_GIVE_UP /* it never will */
};

#define ATTEMPT_REASON_SIZE 300 /* bytes, with NUL; a longer one is cut */

struct attempt_end {
	enum attempt_result result;
	int64_t after_s;    /* LATER: not before so many seconds; 0: as the back-off says */
	const char *reason; /* one sentence, without secrets; borrowed. NULL with DONE */
};

struct attempt {
	struct service
		service; /* its arena is this attempt's, and is wiped after it; keys: for start() alone */
	const struct delivery_settings *settings;
	const struct outgoing_settings *outgoing;
	const struct delivery_shared *shared; /* delivery/shared.h; for start() alone */
	const struct push_settings *push;     /* of a self-test; NULL */
	struct transfers *transfers;
	struct job job; /* with its payload, opened */
	/* Of who asked for it. */
	void (*ended)(struct attempt *a, const struct attempt_end *end);
};

/* What one back end may do at once. */
struct backend_limits {
	int64_t at_once;        /* attempts of one process */
	int64_t space_at_once;  /* begun together of one space, a part of them */
	int64_t space_a_minute; /* of one space, by all processes; 0: no limit */
	const char *setting;    /* its name */
};

struct backend {
	const char *name; /* "mail" carries out "mail.email_change_code" */
	/* Both NULL: no job is of it, it is for the self-test alone. */
	bool (*is_set_up)(const struct delivery_settings *settings);
	struct backend_limits (*limits)(const struct delivery_settings *settings);
	void (*start)(struct attempt *a);
	/* For "dialtonectl jobs test NAME TO": what TO has to be, and a job that tells it something. */
	field_check_fn test_to;
	struct job (*test_job)(struct arena *arena, const char *to);
};

/* All of them, ended by NULL. */
extern const struct backend *const backends[];

/* The last word of an attempt, which the caller does not touch any more. */
void attempt_done(struct attempt *a);
void attempt_later(struct attempt *a, int64_t after_s, const char *reason);
void attempt_give_up(struct attempt *a, const char *reason);

#endif
