/*
 * dialtonectl: what an operator does at the console.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "ctl/ctl.h"
#include "ctl/doctor/doctor.h"
#include "resources/accounts/common_passwords.h"
#include "resources/accounts/username_policy.h"
#include "version.h"

static int run(const struct conf *conf, int argc, const char *const *argv)
{
	const struct api_settings *s = conf_own(conf);
	struct username_policy *usernames =
		username_policy_new(s->account_username_regex, s->account_blacklisted_usernames);
	const struct ctl_settings *own = conf_also(conf, &ctl_table);
	const struct jobs_settings *jobs = conf_also(conf, &jobs_table);
	const struct doctor_setup doctor = {
		.common = conf_common(conf),
		.api = s,
		.relay = conf_also(conf, &relay_table),
		.jobs = jobs,
		.pbx = conf_also(conf, &pbx_table),
		.ctl = own,
		.migrations = schema_migrations,
		.config_file = conf_file(conf),
	};
	struct common_passwords *common_passwords = common_passwords_new(s->password_block_list);
	struct ctl c = {
		.common = conf_common(conf),
		.rules = &s->rules,
		.redis = &own->redis,
		.delivery = &jobs->delivery,
		.usernames = usernames,
		.common_passwords = common_passwords,
		.config_file = conf_file(conf),
		.migrations = schema_migrations,
		.doctor = &doctor,
		.in = stdin,
		.out = stdout,
		.err = stderr,
	};
	int at = conf_rest(conf);
	int status = ctl_run(&c, argc - at, argv + at);

	common_passwords_free(&common_passwords);
	username_policy_free(&usernames);
	return status;
}

/* Where "config" stands in "[--config FILE] config check [FILE]"; 0 for another command line. */
static int place_of_check(int argc, char **argv, const char **ret_file)
{
	int at = 1;

	if (argc > 2 && strcmp(argv[at], "--config") == 0) {
		*ret_file = argv[at + 1];
		at += 2;
	} else if (argc > 1 && strncmp(argv[at], "--config=", 9) == 0) {
		*ret_file = argv[at] + 9;
		at++;
	}
	return argc > at + 1 && argc <= at + 3 && strcmp(argv[at], "config") == 0 &&
			       strcmp(argv[at + 1], "check") == 0 &&
			       (argc == at + 2 || argv[at + 2][0] != '-')
		       ? at
		       : 0;
}

/* A mistake in the section that is read for all commands must not hide those in the others. */
static bool checks(int argc, char **argv, int *ret_status)
{
	const char *const *env = (const char *const *)environ;
	const char *file = NULL;
	int at = place_of_check(argc, argv, &file);

	if (!at)
		return false;
	if (argc == at + 3) {
		file = argv[at + 2];
		env = NULL;
	}
	*ret_status = ctl_config_check(file, env, stdout, stderr);
	return true;
}

/* It alone looks at the sections of all programs: a mistake there is no reason for others to fail. */
static bool names_doctor(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "doctor") == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	static const struct settings_table *const besides[] = { &ctl_table, &jobs_table, NULL };
	static const struct settings_table *const all[] = { &ctl_table, &jobs_table, &relay_table,
		&pbx_table, NULL };
	const struct conf_program program = {
		.name = "dialtonectl",
		.version = DIALTONE_VERSION,
		.summary = "Administers a Dialtone server.",
		.own = &api_table,
		.also = names_doctor(argc, argv) ? all : besides,
		.arguments = "COMMAND...",
		.help = ctl_help,
	};
	const struct conf_input input = conf_input_of_process(argc, argv);
	struct conf *conf;
	int status;

	mem_keep_private();
	log_init("ctl", LOG_LEVEL_ERROR);
	if (checks(argc, argv, &status))
		return status;
	conf = conf_new(&program, &input, &status);
	if (!conf)
		return status;
	status = run(conf, argc, (const char *const *)argv);
	conf_free(&conf);
	return status;
}
