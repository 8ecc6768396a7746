/*
 * The commands of dialtonectl: what an operator does at the console.
 *
 * Each command is a row (words, arguments, what it needs, help); usage, --help and the reading of
 * arguments come from the rows.  Results go to `out` as an aligned table, or with --json as JSON;
 * what is said to people goes to `err`.  Secrets come in on `in` only, never as arguments, which
 * other users of the machine can read.
 */
#ifndef DIALTONE_CTL_CTL_H
#define DIALTONE_CTL_CTL_H

#include <stdio.h>

#include "conf/settings.h"
#include "service/service.h"
#include "pg/migrate.h"

#define CTL_EXIT_USAGE 2

struct command;
struct doctor_setup;

struct ctl {
	const struct common_settings *common;
	const struct rule_settings *rules;
	const struct redis_login *redis;
	const struct delivery_settings *delivery;
	const struct username_policy *usernames;
	const struct common_passwords *common_passwords;
	const char *config_file;
	const struct migration *migrations;
	const struct doctor_setup *doctor; /* for the command of that name alone */
	FILE *in, *out, *err;

	/* The command's own, set by ctl_run(). */
	bool json, said; /* said: err knows why it failed */
	int exit_status; /* of a command that fails in more than one way; 0: the usual one */
	const struct command *const *commands; /* lists of them, ended by NULL */
	struct arena *arena;
	struct service service; /* as far as the command needs it */
	const struct command *command;
	const void *input; /* as its fields describe it */
};

/* Runs the command that argv[0], argv[1]... name. Returns the exit status. */
int ctl_run(struct ctl *c, int argc, const char *const *argv);
/* "config check", which has to work while the configuration does not: every section of the file (NULL: the
 * one in use), the environment when it is the one in use, and the keys file. Returns the exit status. */
int ctl_config_check(const char *path, const char *const *env, FILE *out, FILE *err);
/* All commands with their help. */
void ctl_help(FILE *out);

#endif
