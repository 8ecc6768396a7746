#include "ctl_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/request_id.h"
#include "resources/spaces/space.h"
#include "service/refusal.h"
#include "trail.h"

#define ARENA_BYTES 16384
#define INDENT_HELP 4
#define APP_NAME    "dialtonectl"
#define WORDS_MAX   3

static const struct command *const groups[] = { schema_commands, space_commands,
	space_change_commands, account_create_commands, account_commands, job_commands,
	job_test_commands, key_commands, token_commands, keys_commands, hmac_login_commands,
	audit_commands, publish_commands, relay_commands, two_factor_commands, server_commands,
	doctor_commands, completion_commands, NULL };

/* How many arguments the words take up; 0: they are not this command's. */
static int words_match(const char *words, int argc, const char *const *argv)
{
	struct str rest = str_from(words);
	int n = 0;

	while (rest.p && rest.n) {
		struct str word = str_split(&rest, ' ');

		if (n == argc || !str_is(word, argv[n]))
			return 0;
		n++;
	}
	return n;
}

static const struct command *command_find(int argc, const char *const *argv, int *ret_words)
{
	for (const struct command *const *g = groups; *g; g++)
		for (const struct command *k = *g; k->words; k++) {
			*ret_words = words_match(k->words, argc, argv);
			if (*ret_words)
				return k;
		}
	return NULL;
}

void ctl_help(FILE *out)
{
	fputs("\nCommands (each takes --json, and --help):\n", out);
	for (const struct command *const *g = groups; *g; g++)
		for (const struct command *k = *g; k->words; k++) {
			fputs("  ", out);
			arguments_usage(k, out);
			fprintf(out, "\n%*s%s\n", 2 * INDENT_HELP, "", k->help);
		}
	fputc('\n', out);
}

static bool asks_for_help(int argc, const char *const *argv)
{
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

static enum err database_open(struct ctl *c)
{
	enum err e;

	c->service.pg = database_new(c);
	e = pg_connect(c->service.pg);
	if (e == ERR_INTERNAL)
		return refuse(c, e,
			"The database does not have the schema of this program:"
			" run \"dialtonectl migrate\".");
	if (e == ERR_UNAVAILABLE)
		return refuse(c, e, "The database is not available: %s.", pg_why(c->service.pg));
	return e;
}

/* Relays notice a revoked session within a minute; a command does not tell them. */
static void copy_nothing(void *ctx, const char *domain, const char *jti)
{
	(void)ctx;
	(void)domain;
	(void)jti;
}

static enum err rules_open(struct ctl *c, struct keyring **ret_keys)
{
	if (keyring_load(c->common->keys_file, ret_keys) != ERR_OK)
		return refuse(
			c, ERR_UNAVAILABLE, "The keys in %s cannot be used.", c->common->keys_file);
	c->service.keys = *ret_keys;
	c->service.settings = c->rules;
	c->service.usernames = c->usernames;
	c->service.common_passwords = c->common_passwords;
	c->service.copies.drop = copy_nothing;
	c->service.spaces = spaces_new();
	return ERR_OK;
}

static enum err run_with_needs(struct ctl *c, const struct command *k, const void *input)
{
	struct keyring *keys = NULL;
	enum err e = ERR_OK;

	c->service = (struct service){ .arena = c->arena };
	if (k->needs & (NEEDS_DATABASE | NEEDS_RULES))
		e = database_open(c);
	if (e == ERR_OK && k->needs & NEEDS_RULES)
		e = rules_open(c, &keys);
	trail_begin(c, k, input);
	if (e == ERR_OK)
		e = k->run(c, input);
	spaces_free(&c->service.spaces);
	keyring_free(&keys);
	pg_free(&c->service.pg);
	return e;
}

static int run(struct ctl *c, const struct command *k, int argc, const char *const *argv)
{
	char id[REQUEST_ID_SIZE];
	void *input = arena_alloc(c->arena, k->size);
	enum err e;

	if (asks_for_help(argc, argv)) {
		fputs("usage: " APP_NAME " ", c->out);
		arguments_help(k, c->out);
		return EXIT_SUCCESS;
	}
	if (!arguments_read(c, k, argc, argv, input)) {
		fputs("usage: " APP_NAME " ", c->err);
		arguments_usage(k, c->err);
		fputc('\n', c->err);
		return CTL_EXIT_USAGE;
	}
	request_id_make(id);
	log_set_request(id);
	e = run_with_needs(c, k, input);
	log_set_request(NULL);
	if (e != ERR_OK && !c->said)
		say(c, "%s", refusal_of(&c->service, e)->text);
	if (e == ERR_OK)
		return EXIT_SUCCESS;
	return c->exit_status ? c->exit_status : EXIT_FAILURE;
}

int ctl_run(struct ctl *c, int argc, const char *const *argv)
{
	int words, status;
	const struct command *k = command_find(argc, argv, &words);

	if (!k) {
		fputs(argc ? "There is no such command; see --help.\n"
			   : "A command is missing; see --help.\n",
			c->err);
		return CTL_EXIT_USAGE;
	}
	c->commands = groups;
	c->json = c->said = false;
	c->exit_status = 0;
	c->arena = arena_new(ARENA_BYTES);
	status = run(c, k, argc - words, argv + words);
	arena_free(&c->arena);
	return status;
}
