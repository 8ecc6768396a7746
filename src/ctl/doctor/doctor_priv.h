/* What the checks share: what is known of the machine, and how a finding is said. */
#ifndef DIALTONE_CTL_DOCTOR_DOCTOR_PRIV_H
#define DIALTONE_CTL_DOCTOR_DOCTOR_PRIV_H

#include "ctl/doctor/doctor.h"

#include <stdbool.h>
#include <sys/types.h>

#include "nginx_file.h"
#include "person.h"
#include "process.h"
#include "redis/redis.h"
#include "server_facts.h"

#define DOCTOR_WAIT_MS 3000 /* for one answer of a server */

struct doctor {
	const struct doctor_setup *setup;
	struct arena *arena;
	struct doctor_finding *findings; /* of the rows, in their order */
	struct person service;           /* who the programs run as */
	const char *instance;            /* the directory of packaging/instance; NULL: it is none */
	const char *nginx_path;
	struct nginx_file nginx;
	const char *nginx_why; /* it could not be read; NULL: it was */
	pid_t nginx_master;    /* 0: not seen */
	struct process_list processes;
	struct pg *pg;             /* NULL: no connection */
	struct server_facts facts; /* while pg is there */
	bool is_locked;            /* others wait for a lock for long */
	struct pg *content_pg;     /* knows the tables; NULL: no connection */
	struct content_facts content;
	bool has_content;
	struct redis *redis;
	bool redis_answers;
	const char *redis_info; /* NULL: it may not be asked */
};

typedef struct doctor_finding doctor_look_fn(struct doctor *d);

struct doctor_check {
	const char *name, *what;
	doctor_look_fn *look;
	const char *after; /* what has to be well first; NULL: nothing */
};
/* One list per file, ended by a row without a name. */
extern const struct doctor_check settings_checks[], keys_checks[], postgres_checks[],
	content_checks[], keys_fit_checks[], public_url_checks[], redis_checks[], machine_checks[],
	nginx_checks[], certificate_checks[], program_checks[];

/* finding.c */

/* We are neither root nor the user the programs run as: that we may not do a thing says nothing of it. */
bool is_stranger(const struct doctor *d);
/* mend may be NULL. */
struct doctor_finding finding_make(struct doctor *d, enum doctor_verdict verdict, const char *mend,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
#define found_well(d, ...)           finding_make(d, DOCTOR_OK, NULL, __VA_ARGS__)
#define not_looked_at(d, ...)        finding_make(d, DOCTOR_UNSEEN, NULL, "not looked at: " __VA_ARGS__)
#define found_wrong(d, mend, ...)    finding_make(d, DOCTOR_WRONG, mend, __VA_ARGS__)
#define found_doubtful(d, mend, ...) finding_make(d, DOCTOR_WARN, mend, __VA_ARGS__)

/* mend.c: lines to type. service: "jobs", "relay-aa", "postgres", "redis", "nginx". */
const char *mend_start(struct doctor *d, const char *service);
const char *mend_restart(struct doctor *d, const char *service);
/* SQL that only the owner of the server may run, in our database. */
const char *mend_sql(struct doctor *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A command of dialtonectl, by the user the programs run as. */
const char *mend_ctl(struct doctor *d, const char *command);
/* Puts a setting into a section of the configuration, and makes the API read it. */
const char *mend_setting(
	struct doctor *d, const char *section, const char *name, const char *value);
/* Changes nginx's file with sed, and makes it read it. */
const char *mend_nginx(struct doctor *d, const char *file, const char *sed, const char *how);

#endif
