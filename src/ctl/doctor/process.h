/*
 * The processes of one installation, from /proc: those of ours that were started with the same configuration
 * file, and nginx.  Every user of the machine can give a process any name and any arguments, and what mends is told
 * to root: so those of other users are not ours.
 */
#ifndef DIALTONE_CTL_DOCTOR_PROCESS_H
#define DIALTONE_CTL_DOCTOR_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"

struct process {
	pid_t pid, parent;
	uid_t uid;           /* whose it is */
	const char *program; /* "dialtone-api" */
	const char *const *argv;
	size_t argc;
};

struct process_list {
	struct process *items;
	size_t n;
};

/* config_file: of our programs; one that names none has the default one.  They are those of `service`, of root and our
 * own; those of nginx are any user's. */
struct process_list processes_read(const char *config_file, uid_t service, struct arena *arena);
/* The first of that program; NULL: it does not run. */
const struct process *process_find(const struct process_list *list, const char *program);
/* The value of "--name=value" or "--name value"; NULL: it was not given. */
const char *process_option(const struct process *p, const char *name);

/* Whether it was stopped (SIGSTOP, a debugger): it is alive and does nothing. */
bool process_is_stopped(pid_t pid);
/* Descriptors it may have open. False: it cannot be seen. */
bool process_file_limit(pid_t pid, int64_t *ret);
/* The programs and libraries it runs that have been replaced or removed since. False: it cannot be seen. */
bool process_stale_files(pid_t pid, struct arena *arena, const char **ret_first, size_t *ret_count);
/* Whether it is in that group. False in *ret_seen: it cannot be seen. */
bool process_is_in_group(pid_t pid, gid_t gid, bool *ret_seen);

#endif
