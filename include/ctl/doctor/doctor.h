/*
 * What goes wrong in practice, looked for on this machine: each check is a row with a name, a look at one thing,
 * and, where that is not as it should be, the line that mends it.
 *
 * A check changes nothing, waits a bounded time for servers that hang, and tells no secret.  What it may not look
 * at it says so, with the reason, and does not call it well.  As root it looks with the eyes of the user the
 * programs run as where that matters (sockets, the keys file, PostgreSQL).
 */
#ifndef DIALTONE_CTL_DOCTOR_DOCTOR_H
#define DIALTONE_CTL_DOCTOR_DOCTOR_H

#include "base/arena.h"
#include "base/field.h"
#include "conf/settings.h"
#include "pg/migrate.h"

enum doctor_verdict {
	DOCTOR_OK,
	DOCTOR_UNSEEN, /* not looked at */
	DOCTOR_WARN,   /* it works, for now or not for all */
	DOCTOR_WRONG,
};

/* All are kept. */
struct doctor_setup {
	const struct common_settings *common;
	const struct api_settings *api;
	const struct relay_settings *relay;
	const struct jobs_settings *jobs;
	const struct pbx_settings *pbx;
	const struct ctl_settings *ctl;
	const struct migration *migrations;
	const char *config_file;
	const char *nginx; /* its configuration; NULL: where it usually is */
};

struct doctor_finding {
	const char *check;
	enum doctor_verdict verdict;
	const char *seen;
	const char
		*mend; /* a command, or a line of configuration; NULL: there is nothing to mend */
};

/* Called as each check is done. */
typedef void doctor_tell_fn(void *arg, const struct doctor_finding *finding);

/* The worst that was found. Texts live in the arena. */
enum doctor_verdict doctor_run(
	const struct doctor_setup *setup, struct arena *arena, doctor_tell_fn *tell, void *arg);
/* "ok", "unseen", "warn", "wrong" */
const char *doctor_verdict_word(enum doctor_verdict verdict);

/* The names of the checks and what each looks at, in their order; ended by a row without a name. */
struct doctor_check_name {
	const char *name, *what;
};
const struct doctor_check_name *doctor_check_names(struct arena *arena);

#endif
