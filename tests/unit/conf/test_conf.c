#define _GNU_SOURCE
#include "conf/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../unit.h"
#include "base/log.h"

static const struct conf_program api = {
	.name = "dialtone-api", .version = "1.2.3", .summary = "test", .own = &api_table
};
static const struct conf_program ctl = {
	.name = "dialtonectl", .version = "1.2.3", .summary = "test", .arguments = "COMMAND"
};

/* One start of a program: its file, and what it said. */
struct run {
	char path[32];
	char *out, *err;
	size_t out_n, err_n;
	FILE *out_file, *err_file;
	int status;
	struct conf *conf;
};

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int open_run(void **state)
{
	struct run *r = *state = test_calloc(1, sizeof(*r));

	strcpy(r->path, "/tmp/conf.XXXXXX");
	close(mkstemp(r->path));
	r->out_file = open_memstream(&r->out, &r->out_n);
	r->err_file = open_memstream(&r->err, &r->err_n);
	return 0;
}

static int close_run(void **state)
{
	struct run *r = *state;

	conf_free(&r->conf);
	fclose(r->out_file);
	fclose(r->err_file);
	free(r->out);
	free(r->err);
	unlink(r->path);
	test_free(r);
	return 0;
}

static void start(struct run *r, const struct conf_program *program, const char *const *argv,
	const char *const *env)
{
	struct conf_input in = { .argv = argv, .env = env, .out = r->out_file, .err = r->err_file };

	while (argv[in.argc])
		in.argc++;
	r->conf = conf_new(program, &in, &r->status);
	fflush(r->out_file);
	fflush(r->err_file);
}

#define LIST_OF(...)                \
	(const char *[])            \
	{                           \
		"prog", __VA_ARGS__ \
	}
#define CONFIG "--config", r->path

static const char *const no_env[] = { NULL };

static void later_source_wins(void **state)
{
	struct run *r = *state;
	const char *const env[] = { "DIALTONE_API_WORKERS=6", "DIALTONE_API_SESSION_DAYS=6",
		"DIALTONE_LOG_LEVEL=warn", "DIALTONE_URL=https://ignored", NULL };

	write_file(r->path, "log_level = error\n[api]\nworkers = 5\nsession_days = 5\n"
			    "digest_nonce_minutes = 5\n");
	start(r, &api, LIST_OF(CONFIG, "--workers=7", NULL), env);
	assert_non_null(r->conf);
	const struct api_settings *s = conf_own(r->conf);

	assert_int_equal(s->workers, 7);
	assert_int_equal(s->rules.session_days, 6);
	assert_int_equal(s->rules.digest_nonce_minutes, 5);
	assert_int_equal(s->rules.account_password_min_length, 6);
	assert_string_equal(conf_common(r->conf)->log_level, "warn");
}

static void quotes_and_comments_are_understood(void **state)
{
	struct run *r = *state;

	write_file(r->path, "  # a comment\n"
			    "postgres = host=/run user='x y'\r\n"
			    "redis_prefix = \"a#\\\"\\\\ b \"   # comment\n"
			    "[ api ]  # comment\n"
			    "account_username_regex = '^[a#]$'\n"
			    "jwt_realm=a#b\n");
	start(r, &api, LIST_OF(CONFIG, NULL), no_env);
	assert_non_null(r->conf);
	const struct api_settings *s = conf_own(r->conf);

	assert_string_equal(conf_common(r->conf)->postgres, "host=/run user='x y'");
	assert_string_equal(conf_common(r->conf)->redis_prefix, "a#\"\\ b ");
	assert_string_equal(s->account_username_regex, "^[a#]$");
	assert_string_equal(s->rules.jwt_realm, "a#b");
}

static void all_mistakes_are_reported_with_their_place(void **state)
{
	struct run *r = *state;
	const char *const env[] = { "DIALTONE_API_SESSION_DAYS=none", NULL };
	static const char *const expected[] = {
		":1: workers belongs into section [api], not [common]\n",
		":2: there is no setting \"colour\" in section [common]\n",
		":3: a setting is written name = value\n",
		":4: there is no section [ape]\n",
		":7: workers must be a whole number from 1 to 256, not \"900\"\n",
		":8: workers is already set in line 7\n",
		":9: the quotes of jwt_realm are not in order\n",
		"environment DIALTONE_API_SESSION_DAYS: session_days must be a whole number",
		"--colour: there is no such option\n",
		"--public_account_info: public_account_info must be true or false, not \"x\"\n",
		"--workers: a value is missing\n",
	};

	write_file(r->path, "workers = 3\ncolour = red\nnonsense\n[ape]\nx = y\n[api]\n"
			    "workers = 900\nworkers = 4\njwt_realm = \"open\n"
			    "[relay]\nwhatever = here\n");
	start(r, &api,
		LIST_OF(CONFIG, "--colour=red", "--public-account-info=x", "--workers", NULL), env);
	assert_null(r->conf);
	assert_int_equal(r->status, CONF_EXIT_MISTAKE);
	assert_non_null(strstr(r->err, "dialtone-api: 11 mistakes in the configuration\n"));
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		if (!strstr(r->err, expected[i]))
			fail_msg("missing \"%s\" in:\n%s", expected[i], r->err);
}

static void a_setting_in_the_section_of_a_program_is_sent_to_the_common_one(void **state)
{
	struct run *r = *state;
	const char *const env[] = { "DIALTONE_RELAY_WEBREST_ALIAS=false", NULL };

	write_file(r->path, "[api]\nlegacy_sunset = 2027-12-31\n");
	start(r, &api, LIST_OF(CONFIG, NULL), env);
	assert_null(r->conf);
	assert_non_null(
		strstr(r->err, ":2: legacy_sunset belongs into section [common], not [api]\n"));
	assert_non_null(strstr(r->err, "environment DIALTONE_RELAY_WEBREST_ALIAS: webrest_alias "
				       "belongs into section [common], not [relay]\n"));
}

static void named_file_has_to_exist(void **state)
{
	struct run *r = *state;
	char missing[64], variable[80];
	const char *const env[] = { variable, NULL };

	snprintf(missing, sizeof(missing), "%s.missing", r->path);
	snprintf(variable, sizeof(variable), "DIALTONE_CONFIG=%s", missing);
	start(r, &api, LIST_OF("--config", missing, NULL), no_env);
	assert_null(r->conf);
	assert_non_null(strstr(r->err, "No such file"));
	start(r, &api, LIST_OF(NULL), env);
	assert_null(r->conf);
	assert_int_equal(r->status, CONF_EXIT_MISTAKE);
}

static void secrets_are_neither_printed_nor_taken_from_argv(void **state)
{
	struct run *r = *state;

	write_file(r->path, "redis = redis://:hunter2@host:1/0\n[api]\nlisten = \"/a #b\"\n");
	start(r, &api, LIST_OF(CONFIG, "--print-config", NULL), no_env);
	assert_null(r->conf);
	assert_int_equal(r->status, 0);
	assert_null(strstr(r->out, "hunter2"));
	assert_non_null(strstr(r->out, "redis = ********  # "));
	assert_non_null(strstr(r->out, "listen = \"/a #b\"  # "));
	assert_non_null(strstr(r->out, "workers = 4  # default\n"));

	write_file(r->path, "redis = hunter2\n");
	start(r, &api, LIST_OF(CONFIG, "--postgres", "password=hunter2", NULL), no_env);
	assert_null(r->conf);
	assert_null(strstr(r->err, "hunter2"));
	assert_non_null(strstr(r->err, "--postgres: a secret is not taken"));
}

static void check_help_and_version_end_the_run(void **state)
{
	struct run *r = *state;

	start(r, &api, LIST_OF(CONFIG, "--check-config", NULL), no_env);
	assert_null(r->conf);
	assert_int_equal(r->status, 0);
	assert_non_null(strstr(r->out, "configuration ok\n"));
	start(r, &api, LIST_OF("--help", NULL), no_env);
	assert_null(r->conf);
	assert_non_null(strstr(r->out, "--workers VALUE"));
	start(r, &api, LIST_OF("--version", NULL), no_env);
	assert_null(r->conf);
	assert_non_null(strstr(r->out, "dialtone-api 1.2.3\n"));
}

static void arguments_follow_only_where_wanted(void **state)
{
	struct run *r = *state;

	start(r, &api, LIST_OF(CONFIG, "stray", NULL), no_env);
	assert_null(r->conf);
	start(r, &ctl, LIST_OF(CONFIG, "space", "--own", NULL), no_env);
	assert_non_null(r->conf);
	assert_int_equal(conf_rest(r->conf), 3);
	assert_null(conf_own(r->conf));
}

static void reload_changes_what_is_reloadable(void **state)
{
	struct run *r = *state;

	write_file(r->path, "log_level = info\n[api]\nworkers = 2\nlisten = /a\n");
	start(r, &api, LIST_OF(CONFIG, "--session-days=3", NULL), no_env);
	assert_non_null(r->conf);
	const struct api_settings *s = conf_own(r->conf);

	write_file(r->path, "log_level = debug\n[api]\nworkers = 8\nlisten = /b\n"
			    "session_days = 9\n");
	assert_int_equal(conf_reload(r->conf), ERR_OK);
	assert_ptr_equal(conf_own(r->conf), s);
	assert_int_equal(s->workers, 8);
	assert_string_equal(conf_common(r->conf)->log_level, "debug");
	assert_string_equal(s->listen, "/a");
	assert_int_equal(s->rules.session_days, 3);
}

static void reload_with_a_mistake_changes_nothing(void **state)
{
	struct run *r = *state;

	write_file(r->path, "[api]\nworkers = 2\n");
	start(r, &api, LIST_OF(CONFIG, NULL), no_env);
	assert_non_null(r->conf);
	const struct api_settings *s = conf_own(r->conf);

	write_file(r->path, "[api]\nworkers = 8\nsession_days = 0\n");
	assert_int_equal(conf_reload(r->conf), ERR_INVALID);
	assert_int_equal(s->workers, 2);
	unlink(r->path);
	assert_int_equal(conf_reload(r->conf), ERR_INVALID);
	assert_int_equal(s->workers, 2);
}

static void whole_file_is_checked_with_all_tables(void **state)
{
	struct run *r = *state;

	write_file(r->path, "[relay]\nid = toolong\n[jobs]\noutbox_batch = 0\n");
	assert_int_equal(conf_check_file(r->path, NULL, r->err_file, NULL), ERR_INVALID);
	fflush(r->err_file);
	assert_non_null(strstr(r->err, ":2: id must be"));
	assert_non_null(strstr(r->err, ":4: outbox_batch must be"));
	write_file(r->path, "[relay]\nid = ab\n");
	assert_int_equal(conf_check_file(r->path, NULL, r->err_file, NULL), ERR_OK);
}

static void a_connection_string_is_read_as_libpq_does(void **state)
{
	struct run *r = *state;
	static const char *const bad[] = { "hots=db", "host=db port", "host='db",
		"db.example.org" };
	static const char *const good[] = { "host=db port=6432",
		"postgresql://dialtone@db/dialtone", "host=/run password='a b'" };
	char text[128];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "postgres = %s\n", bad[i]);
		write_file(r->path, text);
		assert_int_equal(conf_check_file(r->path, NULL, r->err_file, NULL), ERR_INVALID);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(text, sizeof(text), "postgres = %s\n", good[i]);
		write_file(r->path, text);
		assert_int_equal(conf_check_file(r->path, NULL, r->err_file, NULL), ERR_OK);
	}
}

static void a_secret_that_a_comment_cuts_is_a_mistake(void **state)
{
	struct run *r = *state;

	write_file(r->path, "postgres = host=db password=hunter #2\n"
			    "redis = redis://:pass@host/0\t# comment\n[api]\nworkers = 8 # fine\n");
	assert_int_equal(conf_check_file(r->path, NULL, r->err_file, NULL), ERR_INVALID);
	fflush(r->err_file);
	assert_non_null(strstr(r->err, ":1: a # ends the value of postgres"));
	assert_non_null(strstr(r->err, ":2: a # ends the value of redis"));
	assert_null(strstr(r->err, "hunter"));
	assert_null(strstr(r->err, "workers"));
	write_file(r->path, "postgres = \"host=db password='hunter #2'\" # comment\n");
	assert_int_equal(conf_check_file(r->path, NULL, r->err_file, NULL), ERR_OK);
}

static void a_byte_order_mark_is_no_part_of_a_name(void **state)
{
	struct run *r = *state;
	struct conf_files files;

	write_file(r->path, "\xEF\xBB\xBFkeys_file = /somewhere/keys\r\n[api]\r\nworkers = 2\r\n");
	assert_int_equal(conf_check_file(r->path, NULL, r->err_file, &files), ERR_OK);
	assert_string_equal(files.keys, "/somewhere/keys");
}

static void a_whole_check_reads_the_environment_of_all_programs(void **state)
{
	struct run *r = *state;
	char named[128];
	const char *const env[] = { named, "DIALTONE_RELAY_ID=toolong", "DIALTONE_API_WORKERS=none",
		NULL };

	snprintf(named, sizeof(named), "DIALTONE_CONFIG=%s", r->path);
	write_file(r->path, "[jobs]\noutbox_batch = 0\n");
	assert_int_equal(conf_check_file(NULL, env, r->err_file, NULL), ERR_INVALID);
	fflush(r->err_file);
	assert_non_null(strstr(r->err, "3 mistakes"));
	assert_non_null(strstr(r->err, "environment DIALTONE_RELAY_ID: "));
	assert_non_null(strstr(r->err, "environment DIALTONE_API_WORKERS: "));
}

/* The defaults in it are comments: without their # it is still a file we accept. */
static void example_is_a_valid_file(void **state)
{
	struct run *r = *state;
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	conf_example(f);
	fclose(f);
	for (char *at = text; (at = strstr(at, "\n#")); at++)
		if (at[2] != ' ' && at[2] != '\n')
			at[1] = ' ';
	write_file(r->path, text);
	free(text);
	assert_int_equal(conf_check_file(r->path, NULL, r->err_file, NULL), ERR_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_run, close_run)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(later_source_wins),
		TEST(quotes_and_comments_are_understood),
		TEST(all_mistakes_are_reported_with_their_place),
		TEST(a_setting_in_the_section_of_a_program_is_sent_to_the_common_one),
		TEST(named_file_has_to_exist),
		TEST(secrets_are_neither_printed_nor_taken_from_argv),
		TEST(check_help_and_version_end_the_run),
		TEST(arguments_follow_only_where_wanted),
		TEST(reload_changes_what_is_reloadable),
		TEST(reload_with_a_mistake_changes_nothing),
		TEST(whole_file_is_checked_with_all_tables),
		TEST(a_connection_string_is_read_as_libpq_does),
		TEST(a_secret_that_a_comment_cuts_is_a_mistake),
		TEST(a_byte_order_mark_is_no_part_of_a_name),
		TEST(a_whole_check_reads_the_environment_of_all_programs),
		TEST(example_is_a_valid_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
