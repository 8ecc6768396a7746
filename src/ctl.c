/*
 * dialtonectl: what an operator does at the console.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf.h"
#include "ctl/ctl.h"
#include "resources/accounts/username_policy.h"
#include "version.h"

static int run(const struct conf *conf, int argc, const char *const *argv)
{
	const struct api_settings *s = conf_own(conf);
	struct username_policy *usernames =
		username_policy_new(s->account_username_regex, s->account_blacklisted_usernames);
	struct ctl c = {
		.common = conf_common(conf),
		.rules = &s->rules,
		.usernames = usernames,
		.config_file = conf_file(conf),
		.migrations = schema_migrations,
		.in = stdin,
		.out = stdout,
		.err = stderr,
	};
	int at = conf_rest(conf);
	int status = ctl_run(&c, argc - at, argv + at);

	username_policy_free(&usernames);
	return status;
}

/* "config check FILE" must work while the file in use is broken. */
static bool checks_another_file(int argc, char **argv)
{
	return argc == 4 && strcmp(argv[1], "config") == 0 && strcmp(argv[2], "check") == 0 &&
	       argv[3][0] != '-';
}

static int check_file(const char *path)
{
	if (conf_check_file(path, stderr) != ERR_OK)
		return CONF_EXIT_MISTAKE;
	puts("configuration ok");
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const struct conf_program program = {
		.name = "dialtonectl",
		.version = DIALTONE_VERSION,
		.summary = "Administers a Dialtone server.",
		.own = &api_table,
		.arguments = "COMMAND...",
		.help = ctl_help,
	};
	const struct conf_input input = {
		.argc = argc,
		.argv = (const char *const *)argv,
		.env = (const char *const *)environ,
		.out = stdout,
		.err = stderr,
	};
	struct conf *conf;
	int status;

	log_init("ctl", LOG_LEVEL_ERROR);
	if (checks_another_file(argc, argv))
		return check_file(argv[3]);
	conf = conf_new(&program, &input, &status);
	if (!conf)
		return status;
	status = run(conf, argc, (const char *const *)argv);
	conf_free(&conf);
	return status;
}
