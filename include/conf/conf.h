/*
 * The configuration of a program: one file for all, the environment, the command line.
 *
 *   log_level = debug          # lines before any section, and in [common], are for every program
 *   [api]
 *   workers = 8
 *   public_url = "https://sip.example.org"
 *
 * A later source wins: file, then environment (DIALTONE_LOG_LEVEL, DIALTONE_API_WORKERS), then
 * command line (--log-level debug, --workers=8; secrets are refused there, any user can read them).
 * A program reads the common settings and its own section and passes over the sections of others.
 * All mistakes are reported together, each with its place:
 *
 *   /etc/dialtone/dialtone.conf:12: workers must be a whole number from 1 to 256, not "900"
 *   environment DIALTONE_API_SESSION_DAYS: session_days must be ...
 *   --workers: ...
 *
 * In the file, # starts a comment at the beginning of a line or after white space, but not behind a secret:
 * a password that was cut there would be no mistake that shows.  A value may stand in double quotes (\"
 * and \\ are known inside) or single quotes (nothing is).
 *
 * Options of every program: --config FILE (default /etc/dialtone/dialtone.conf, or DIALTONE_CONFIG;
 * only the default one may be missing), --check-config, --print-config, --help, --version.
 * Exit status 2 means that the configuration or the command line has mistakes.
 */
#ifndef DIALTONE_CONF_CONF_H
#define DIALTONE_CONF_CONF_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "conf/settings.h"

#define CONF_EXIT_MISTAKE 2
#define CONF_DEFAULT_FILE "/etc/dialtone/dialtone.conf"

struct conf;

struct conf_program {
	const char *name;                         /* "dialtone-api" */
	const char *version;                      /* "0.1.0" */
	const char *summary;                      /* one line for --help */
	const struct settings_table *own;         /* NULL: the common settings only */
	const struct settings_table *const *also; /* read besides, ended by NULL; NULL: none */
	const struct settings_table
		*behind;         /* likewise; an option of both is that of its own table */
	const char *arguments;   /* usage of what follows the options; NULL: nothing may follow */
	void (*help)(FILE *out); /* writes more for --help; may be NULL */
};

/* Where a program's configuration comes from and where it is talked about. */
struct conf_input {
	int argc;
	const char *const *argv; /* main's, cast */
	const char *const *env;
	FILE *out, *err;
};

/* That of this process, with main's arguments. */
struct conf_input conf_input_of_process(int argc, char **argv);

/* Reads everything.  NULL when the program is done, because it was asked for --help or the like or
 * because of mistakes, all printed: it shall exit with *ret_status.  program and what input points
 * to are kept for conf_reload(). */
struct conf *conf_new(
	const struct conf_program *program, const struct conf_input *input, int *ret_status);
void conf_free(struct conf **c);

/* Valid, and at the same place, until conf_free(). */
const struct common_settings *conf_common(const struct conf *c);
/* The struct of the program's own table. */
const void *conf_own(const struct conf *c);
/* That of a table read besides. */
const void *conf_also(const struct conf *c, const struct settings_table *table);
/* The file it was read from: the one named, or the default one, which may be missing. */
const char *conf_file(const struct conf *c);
/* Index in argv of the first argument that is not an option; argc when there is none. */
int conf_rest(const struct conf *c);

/* Reads again and changes what is SETTING_RELOADABLE; logs what changed and what needs a restart.
 * ERR_INVALID: there are mistakes, all logged, and nothing was changed. */
MUST_CHECK enum err conf_reload(struct conf *c);

/* Checks a whole file, and the variables of env (NULL: none), against the tables of all programs; all
 * mistakes go to err.  path NULL: the file that env names, or the default one, which may be missing.
 * ERR_INVALID when there are any, or when it cannot be read.  files, unless NULL, gets the paths they name of
 * what is not looked into here; the default where the setting has a mistake. */
struct conf_files {
	char keys[SETTING_TEXT_MAX + 1], mail_templates[SETTING_TEXT_MAX + 1];
};
MUST_CHECK enum err conf_check_file(
	const char *path, const char *const *env, FILE *err, struct conf_files *files);

/* Writes the example file: every setting of every program with help, bounds and default. */
void conf_example(FILE *out);

#endif
