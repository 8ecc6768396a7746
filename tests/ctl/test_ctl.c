#define _GNU_SOURCE
#include "../store/server.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"

#define OUTPUT_MAX 65536

static char dir[] = "/tmp/dialtone-ctl.XXXXXX";

/* What the last command said. */
static char out[OUTPUT_MAX], err[OUTPUT_MAX];

static void file_read(const char *name, char *into)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	assert_non_null(f);
	into[fread(into, 1, OUTPUT_MAX - 1, f)] = '\0';
	fclose(f);
}

/* Runs dialtonectl with these arguments (shell words); input is its standard input. */
static int ctl_with(const char *arguments, const char *input)
{
	char command[2048];
	int status;

	snprintf(command, sizeof(command), "printf '%s' | %s --config %s/conf %s >%s/out 2>%s/err",
		input, getenv("TEST_CTL"), dir, arguments, dir, dir);
	status = system(command);
	file_read("out", out);
	file_read("err", err);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int ctl(const char *arguments)
{
	return ctl_with(arguments, "");
}

static void assert_in(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("\"%s\" is not in: %s", words, text);
}

static void conf_write(const char *name, const char *more)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	fprintf(f,
		"postgres = host=%s user=postgres dbname=postgres\nredis = %s\n"
		"keys_file = %s/keys\n%s\n",
		getenv("PGHOST"), getenv("TEST_REDIS"), dir, more);
	fclose(f);
}

static int begin(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	conf_write("conf", "");
	return ctl("keys create") + ctl("migrate");
}

static int end(void **state)
{
	char command[256];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static int fresh(void **state)
{
	(void)state;
	server_empty();
	return ctl("space create sip.example.org www.example.org 'Example'");
}

static void spaces_are_listed_as_a_table_and_as_json(void **state)
{
	(void)state;
	assert_int_equal(ctl("space create z.example z.example 'Zoë' --super"), 0);
	assert_int_equal(ctl("space list"), 0);
	assert_in(out, "domain           host             name     super  expired  max_accounts\n");
	assert_in(out, "z.example        z.example        Zoë      yes    no       0\n");
	assert_int_equal(ctl("space list --json"), 0);
	assert_in(out,
		"\"domain\":\"z.example\",\"host\":\"z.example\",\"name\":\"Zoë\",\"super\":true");
}

static void creating_a_space_again_changes_it(void **state)
{
	(void)state;
	assert_int_equal(ctl("space create sip.example.org other.example.org 'New name'"), 0);
	assert_int_equal(
		server_sql("SELECT count(*) FROM spaces WHERE host = 'other.example.org'"), 1);
	assert_int_equal(server_sql("SELECT count(*) FROM spaces"), 1);
}

static void one_thing_of_a_space_is_set_by_the_rules_of_the_api(void **state)
{
	(void)state;
	assert_int_equal(ctl("space set sip.example.org max_accounts 7"), 0);
	assert_int_equal(ctl("space set sip.example.org expire_at 2090-01-31"), 0);
	assert_int_equal(ctl("space set sip.example.org super true"), 0);
	assert_int_equal(ctl("space set sip.example.org copyright_text 'ours'"), 0);
	assert_int_equal(ctl("space show SIP.example.org --json"), 0);
	assert_in(out, "\"max_accounts\":7,\"expire_at\":\"2090-01-31T00:00:00.000000Z\","
		       "\"copyright_text\":\"ours\"");
	assert_int_equal(ctl("space set sip.example.org copyright_text"), 0);
	assert_int_equal(ctl("space set sip.example.org expire_at never"), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM spaces WHERE expire_at IS NULL AND super"
				    " AND copyright_text IS NULL AND max_accounts = 7"),
		1);
	assert_int_equal(ctl("space set sip.example.org expire_at 2001-01-01"), 1);
	assert_int_equal(ctl("space set sip.example.org web_panel perhaps"), 1);
	assert_int_equal(ctl("space set sip.example.org name"), 1);
	assert_int_equal(ctl("space set sip.example.org domain x.example.org"), 1);
	assert_in(err, "domain cannot be set here");
	assert_int_equal(ctl("space set nowhere.example name x"), 1);
}

static void a_space_is_deleted_when_told_twice_and_gone_at_once(void **state)
{
	(void)state;
	assert_int_equal(ctl("space delete sip.example.org"), 1);
	assert_in(err, "with --yes they are");
	assert_int_equal(ctl("space delete sip.example.org --yes"), 0);
	assert_int_equal(ctl("space delete sip.example.org --yes"), 1);
	assert_int_equal(ctl("space show sip.example.org"), 1);
	assert_int_equal(ctl("space two-factor sip.example.org off"), 1);
	assert_int_equal(ctl("space create sip.example.org new.example.org New"), 1);
	assert_int_equal(ctl("space create other.example www.example.org Example"), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM spaces WHERE ends = 'sessions'"), 1);
}

static void a_host_of_another_space_is_refused(void **state)
{
	(void)state;
	assert_int_equal(ctl("space create b.example www.example.org B"), 1);
	assert_in(err, "Another space has this host");
}

static void values_are_held_to_the_rules_of_the_api(void **state)
{
	(void)state;
	assert_int_equal(ctl("space create c.example c.example \"$(printf 'a\\tb')\""), 2);
	assert_in(err, "The name value is not well formed.");
	assert_int_equal(ctl("space create c..example c.example Name"), 2);
	assert_in(err, "The domain value is not well formed.");
	assert_int_equal(server_sql("SELECT count(*) FROM spaces"), 1);
}

static void a_domain_has_no_case(void **state)
{
	(void)state;
	assert_int_equal(ctl("space create D.Example WWW.D.example D"), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM spaces WHERE domain = 'd.example'"
				    " AND host = 'www.d.example'"),
		1);
	assert_int_equal(ctl_with("account create alice.a D.EXAMPLE", "long enough\\n"), 0);
	assert_int_equal(ctl("api-key create alice.a d.Example"), 0);
	assert_int_equal(ctl("api-key list alice.a D.example"), 0);
	assert_int_equal(ctl("account unlock alice.a D.example"), 0);
	assert_int_equal(ctl("space two-factor D.example required"), 0);
}

static void an_administrator_is_made_with_a_key_that_is_all_of_the_output(void **state)
{
	(void)state;
	assert_int_equal(
		ctl_with("admin create root.admin sip.example.org --api-key", "a secret\\n"), 0);
	assert_int_equal(strlen(out), 41);
	assert_int_equal(server_sql("SELECT count(*) FROM accounts WHERE admin AND activated"), 1);
	assert_int_equal(server_sql("SELECT count(*) FROM api_keys WHERE ip IS NULL"
				    " AND expires_after_last_used_minutes = 0"),
		1);
	assert_int_equal(
		server_sql("SELECT count(*) FROM passwords WHERE password ="
			   " encode(sha256('root.admin:sip.example.org:a secret'), 'hex')"),
		1);
}

static void an_existing_account_is_changed_only_when_asked_to(void **state)
{
	(void)state;
	assert_int_equal(ctl_with("account create alice.a sip.example.org --email a@example.org",
				 "first one\\n"),
		0);
	assert_int_equal(ctl_with("admin create alice.a sip.example.org", "second one\\n"), 1);
	assert_in(err, "alice.a@sip.example.org exists; --replace changes it.");
	assert_int_equal(
		ctl_with("admin create alice.a sip.example.org --replace", "second one\\n"), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM accounts WHERE admin AND"
				    " email = 'a@example.org'"),
		1);
	assert_int_equal(server_sql("SELECT count(*) FROM passwords WHERE password ="
				    " encode(sha256('alice.a:sip.example.org:second one'), 'hex')"),
		1);
}

static void accounts_made_here_obey_the_same_rules(void **state)
{
	(void)state;
	assert_int_equal(ctl_with("account create alice.a sip.example.org", "short\\n"), 1);
	assert_in(err, "password");
	assert_int_equal(ctl_with("account create Alice.A sip.example.org", "long enough\\n"), 2);
	assert_in(err, "username");
	assert_int_equal(ctl_with("account create alice.a nowhere.example", "long enough\\n"), 1);
	assert_in(err, "There is no space with the domain nowhere.example.");
	assert_int_equal(server_sql("SELECT count(*) FROM accounts"), 0);
}

static void a_password_comes_from_standard_input_only(void **state)
{
	(void)state;
	assert_int_equal(ctl("account create alice.a sip.example.org"), 2);
	assert_in(err, "The password field is required.");
	assert_int_equal(ctl("account create alice.a sip.example.org --password x"), 2);
	assert_in(err, "there is no such option");
}

/* Somebody with a second factor and a session; what is sealed is sealed by nobody's key. */
static void second_factor_add(void)
{
	assert_int_equal(ctl_with("account create alice.a sip.example.org", "long enough\\n"), 0);
	server_sql("INSERT INTO two_factor (account_id, secret_sealed, enabled_at)"
		   " SELECT id, '\\x01000900', now() FROM accounts");
	server_sql("INSERT INTO sessions (jti, account_id, expires_at)"
		   " SELECT 'a-session-of-alice', id, now() + interval '1 day' FROM accounts");
}

static void a_space_forbids_allows_or_requires_the_second_factor(void **state)
{
	(void)state;
	assert_int_equal(ctl("space two-factor sip.example.org required --grace-days 14"), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM spaces WHERE two_factor_policy ="
				    " 'required' AND two_factor_grace_days = 14"),
		1);
	assert_int_equal(ctl("space two-factor sip.example.org off"), 0);
	assert_int_equal(
		server_sql("SELECT count(*) FROM spaces WHERE two_factor_policy = 'off'"), 1);
	assert_int_equal(ctl("space two-factor sip.example.org sometimes"), 2);
	assert_in(err, "must be one of: off, optional, required.");
	assert_int_equal(ctl("space two-factor nowhere.example off"), 1);
	assert_in(err, "There is no space nowhere.example.");
}

static void a_lost_second_factor_is_taken_away_and_the_sessions_end(void **state)
{
	(void)state;
	second_factor_add();
	assert_int_equal(ctl("account reset-2fa alice.a sip.example.org"), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM two_factor"), 0);
	assert_int_equal(
		server_sql("SELECT count(*) FROM sessions WHERE revoked_at IS NOT NULL"), 1);
	assert_int_equal(ctl("account reset-2fa alice.a sip.example.org"), 1);
	assert_in(err, "has no second factor");
	assert_int_equal(ctl("account reset-2fa nobody.a sip.example.org"), 1);
	assert_in(err, "There is no account nobody.a@sip.example.org.");
}

static void an_account_is_unlocked(void **state)
{
	(void)state;
	assert_int_equal(ctl_with("account create alice.a sip.example.org", "long enough\\n"), 0);
	assert_int_equal(ctl("account unlock alice.a sip.example.org"), 0);
	assert_in(err, "The wrong passwords for alice.a@sip.example.org are forgotten.");
	assert_int_equal(ctl("account unlock nobody.a sip.example.org"), 1);
	assert_in(err, "There is no account nobody.a@sip.example.org.");
}

static void after_a_rotation_every_stored_secret_is_sealed_anew(void **state)
{
	(void)state;
	assert_int_equal(ctl_with("account create alice.a sip.example.org", "long enough\\n"), 0);
	assert_int_equal(ctl("seal re-encrypt --json"), 0);
	assert_in(out, "\"renewed\":0");
	assert_int_equal(ctl("keys rotate seal"), 0);
	assert_int_equal(ctl("seal re-encrypt --json"), 0);
	assert_in(out, "\"renewed\":1,\"unreadable\":0");
	assert_int_equal(ctl("seal re-encrypt --json"), 0);
	assert_in(out, "\"renewed\":0");
}

static void a_secret_no_key_opens_is_told_and_left_as_it_is(void **state)
{
	(void)state;
	second_factor_add();
	assert_int_equal(ctl("seal re-encrypt --json"), 1);
	assert_in(out, "\"unreadable\":1");
	assert_in(err, "0 sealed anew; 1 that no key opens");
	assert_null(strchr(strchr(err, '\n') + 1, '\n'));
	assert_int_equal(server_sql("SELECT count(*) FROM two_factor"
				    " WHERE secret_sealed = '\\x01000900'"),
		1);
}

static void what_no_key_opens_is_forgotten_when_told_twice(void **state)
{
	char command[160];

	(void)state;
	second_factor_add();
	server_sql("INSERT INTO space_email_servers (space_id, host, port, password_sealed)"
		   " SELECT id, 'smtp.example.org', 25, '\\x010fff00' FROM spaces");
	server_sql("INSERT INTO space_oidc_configurations (space_id, client_secret_sealed)"
		   " SELECT id, '\\x010fff00' FROM spaces");
	server_sql(
		"INSERT INTO extensions (account_id, domain, exten, type, username, secret_sealed)"
		" SELECT id, domain, '201', 'webrtc', '201', '\\x010fff00' FROM accounts");
	snprintf(command, sizeof(command), "mv %s/keys %s/keys.lost", dir, dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(ctl("keys create"), 0);
	assert_int_equal(ctl("seal forget-unreadable --json"), 0);
	assert_in(out, "{\"second_factors\":1,\"second_factors_begun\":0,"
		       "\"provisioning_tokens\":1,\"confirmation_keys\":0,"
		       "\"extension_secrets\":1,\"jobs\":0,\"change_codes\":0,"
		       "\"space_secrets\":2}");
	assert_in(err, "Nothing was changed");
	assert_int_equal(server_sql("SELECT count(*) FROM two_factor"), 1);
	assert_int_equal(ctl("seal forget-unreadable --yes"), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM two_factor"), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM provisioning_tokens"), 0);
	assert_int_equal(
		server_sql("SELECT count(*) FROM extensions WHERE secret_sealed IS NULL"), 1);
	assert_int_equal(server_sql("SELECT count(*) FROM space_email_servers e"
				    " JOIN space_oidc_configurations o USING (space_id)"
				    " WHERE e.password_sealed IS NULL"
				    " AND o.client_secret_sealed IS NULL"),
		1);
	assert_int_equal(ctl("seal re-encrypt"), 0);
	snprintf(command, sizeof(command), "mv %s/keys.lost %s/keys", dir, dir);
	assert_int_equal(system(command), 0);
}

static void accounts_are_listed_and_shown(void **state)
{
	char after[96];

	(void)state;
	assert_int_equal(ctl_with("account create alice.a sip.example.org --email a@example.org",
				 "long enough\\n"),
		0);
	assert_int_equal(ctl_with("account create bobby.b sip.example.org", "long enough\\n"), 0);
	assert_int_equal(ctl("account list sip.example.org --json"), 0);
	assert_in(out, "alice.a");
	assert_in(out, "bobby.b");
	assert_int_equal(ctl("account list sip.example.org --json --limit 1"), 0);
	assert_in(out, "alice.a");
	assert_null(strstr(out, "bobby.b"));
	snprintf(after, sizeof(after), "account list sip.example.org --json --after %ld",
		server_sql("SELECT min(id) FROM accounts"));
	assert_int_equal(ctl(after), 0);
	assert_null(strstr(out, "alice.a"));
	assert_int_equal(ctl("account show alice.a SIP.example.org"), 0);
	assert_in(out, "a@example.org");
	assert_in(out, "SHA-256");
	assert_int_equal(ctl("account show nobody sip.example.org"), 1);
	assert_in(err, "There is no account nobody@sip.example.org.");
}

static void an_account_is_blocked_and_let_in_again(void **state)
{
	(void)state;
	second_factor_add();
	assert_int_equal(ctl("account block alice.a sip.example.org"), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM accounts WHERE blocked"), 1);
	assert_int_equal(
		server_sql("SELECT count(*) FROM sessions WHERE revoked_at IS NOT NULL"), 1);
	assert_int_equal(ctl("account unblock alice.a sip.example.org"), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM accounts WHERE blocked"), 0);
	assert_int_equal(ctl("account block nobody sip.example.org"), 1);
}

static void a_new_password_replaces_the_old_one_and_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(ctl_with("account create alice.a sip.example.org --email a@example.org",
				 "long enough\\n"),
		0);
	server_sql("UPDATE accounts SET blocked = true, dictionary = '{\"a\":\"b\"}'");
	server_sql("CREATE TABLE kept AS SELECT (SELECT password FROM passwords) AS password, a.* "
		   "FROM accounts a");
	assert_int_equal(
		ctl_with("account password alice.a sip.example.org", "quite another\\n"), 0);
	assert_int_equal(
		server_sql(
			"SELECT count(*) FROM passwords p, kept k WHERE p.password <> k.password"),
		1);
	assert_int_equal(
		server_sql("SELECT count(*) FROM accounts a, kept k WHERE (a.email, a.blocked,"
			   " a.activated, a.admin, a.dictionary) = (k.email, k.blocked, "
			   "k.activated, k.admin, k.dictionary)"),
		1);
	server_sql("DROP TABLE kept");
	assert_int_equal(ctl_with("account password alice.a sip.example.org", "short\\n"), 1);
	assert_in(err, "password");
	assert_int_equal(ctl_with("account password alice.a sip.example.org", "password\\n"), 1);
}

static void an_account_is_deleted_when_told_twice(void **state)
{
	(void)state;
	assert_int_equal(ctl_with("account create alice.a sip.example.org", "long enough\\n"), 0);
	assert_int_equal(ctl("account delete alice.a sip.example.org"), 1);
	assert_in(err, "with --yes they are");
	assert_int_equal(server_sql("SELECT count(*) FROM accounts"), 1);
	assert_int_equal(ctl("account delete alice.a sip.example.org --yes"), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM accounts"), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM accounts_tombstones"), 1);
}

/* Commands that change something, with what they are given, and what the trail says then. */
static const struct {
	const char *words, *arguments, *input;
	const char *object, *domain, *fields;
} told[] = {
	{ "space create", "b.example b.example.net 'B' --super", "", "space:b.example", "b.example",
		"{host,name,super}" },
	{ "space set", "b.example max_accounts 7", "", "space:b.example", "b.example",
		"{max_accounts}" },
	{ "space two-factor", "b.example optional --grace-days 3", "", "space:b.example",
		"b.example", "{policy,grace_days}" },
	{ "token create", "b.example", "", "space:b.example", "b.example", "{}" },
	{ "space delete", "b.example --yes", "", "space:b.example", "b.example", "{}" },
	{ "admin create", "root.a sip.example.org --api-key", "a canary 1\\n",
		"account:root.a@sip.example.org", "sip.example.org", "{password,api_key}" },
	{ "account create", "alice.a sip.example.org --email alice@canary.example", "a canary 2\\n",
		"account:alice.a@sip.example.org", "sip.example.org", "{email,password}" },
	{ "account password", "alice.a sip.example.org", "a canary 3\\n",
		"account:alice.a@sip.example.org", "sip.example.org", "{password}" },
	{ "account block", "alice.a sip.example.org", "", "account:alice.a@sip.example.org",
		"sip.example.org", "{}" },
	{ "account unblock", "alice.a sip.example.org", "", "account:alice.a@sip.example.org",
		"sip.example.org", "{}" },
	{ "account reset-2fa", "alice.a sip.example.org", "", "account:alice.a@sip.example.org",
		"sip.example.org", "{}" },
	{ "api-key create", "alice.a sip.example.org --name canary", "",
		"account:alice.a@sip.example.org", "sip.example.org", "{name}" },
	{ "api-key delete", "7", "", "api_key:7", "", "{}" },
	{ "jobs retry", "7", "", "jobs:7", "", "{}" },
	{ "jobs drop", "7", "", "jobs:7", "", "{}" },
	{ "account delete", "alice.a sip.example.org --yes", "", "account:alice.a@sip.example.org",
		"sip.example.org", "{}" },
	{ "seal forget-unreadable", "--yes", "", NULL, "", "{}" },
};
/* The others: they read, send, or work on files and programs. */
static const char *const untold[] = { "migrate", "space list", "space show", "account list",
	"account show", "jobs list", "jobs show", "jobs test", "api-key list", "keys create",
	"keys rotate", "legacy report", "audit", "publish user", "publish room", "api status",
	"jobs status", "pbx status", "relay status", "relay sessions", "relay kick", "relay drain",
	"seal re-encrypt", "config check", "status", "completion bash", "doctor" };

static bool begins_with_words(const char *usage, const char *words)
{
	size_t n = strlen(words);

	return strncmp(usage, words, n) == 0 && strchr(" \n", usage[n]);
}

static void a_command_is_known(const char *usage)
{
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (begins_with_words(usage, told[i].words))
			return;
	if (begins_with_words(
		    usage, "account unlock")) /* tests/api/guesses has something to forget */
		return;
	for (size_t i = 0; i < sizeof(untold) / sizeof(untold[0]); i++)
		if (begins_with_words(usage, untold[i]))
			return;
	fail_msg("does it change something? %s", usage);
}

static void what_commands_need(void)
{
	server_sql("INSERT INTO two_factor (account_id, secret_sealed, enabled_at)"
		   " SELECT id, '\\x01000900', now() FROM accounts WHERE username = 'alice.a'"
		   " ON CONFLICT DO NOTHING");
	server_sql("INSERT INTO api_keys (id, account_id, key_hash) OVERRIDING SYSTEM VALUE"
		   " SELECT 7, id, sha256('7') FROM accounts WHERE username = 'root.a'"
		   " ON CONFLICT DO NOTHING");
	server_sql("INSERT INTO jobs (id, kind, domain, payload, expires_at)"
		   " OVERRIDING SYSTEM VALUE VALUES (7, 'mail.test', 'sip.example.org', '{}',"
		   " now() + interval '1 day') ON CONFLICT DO NOTHING");
}

static void a_command_is_told(size_t i)
{
	char line[512], sql[1024];
	long before = server_sql("SELECT coalesce(max(id), 0) FROM audit");

	what_commands_need();
	snprintf(line, sizeof(line), "%s %s", told[i].words, told[i].arguments);
	assert_int_equal(ctl_with(line, told[i].input), 0);
	snprintf(sql, sizeof(sql),
		"SELECT count(*) FROM audit WHERE id > %ld AND action = '%s' AND door ="
		" 'command_line' AND actor = '%s' AND object IS NOT DISTINCT FROM %s%s%s"
		" AND domain = '%s' AND fields = '%s' AND request_id IS NOT NULL",
		before, told[i].words, "the.operator", told[i].object ? "'" : "",
		told[i].object ? told[i].object : "NULL", told[i].object ? "'" : "", told[i].domain,
		told[i].fields);
	if (server_sql(sql) != 1)
		fail_msg("%s", sql);
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM audit WHERE id > %ld", before);
	assert_int_equal(server_sql(sql), 1);
}

static void each_command_that_changes_something_is_told_once_without_a_value(void **state)
{
	char *list, *line, *rest;

	(void)state;
	setenv("SUDO_USER", "the.operator", 1);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		a_command_is_told(i);
	unsetenv("SUDO_USER");
	assert_int_equal(
		server_sql("SELECT count(*) FROM audit a WHERE a::text LIKE '%canary%'"), 0);
	assert_int_equal(ctl("--help"), 0);
	list = strdup(out);
	rest = strstr(list, "--help):\n") + 9;
	for (line = strtok_r(rest, "\n", &rest); line && strncmp(line, "  --config", 10) != 0;
		line = strtok_r(NULL, "\n", &rest))
		if (line[2] != ' ')
			a_command_is_known(line + 2);
	free(list);
}

static void a_command_that_fails_or_only_asks_is_not_told(void **state)
{
	(void)state;
	assert_int_equal(ctl_with("account create alice.a sip.example.org", "long enough\\n"), 0);
	long before = server_sql("SELECT count(*) FROM audit");

	assert_int_equal(ctl_with("account create alice.a sip.example.org", "long enough\\n"), 1);
	assert_int_equal(ctl("account delete alice.a sip.example.org"), 1);
	assert_int_equal(ctl("account block nobody.a sip.example.org"), 1);
	assert_int_equal(ctl("api-key delete 999999"), 1);
	assert_int_equal(ctl("space set sip.example.org hue 7"), 1);
	assert_int_equal(ctl("seal forget-unreadable"), 0);
	assert_int_equal(ctl("account show alice.a sip.example.org"), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM audit"), before);
}

static void the_trail_is_listed_newest_first_by_space_object_actor_and_time(void **state)
{
	const char *first, *second;

	(void)state;
	server_sql("INSERT INTO audit (domain, door, action, actor, object, part, at, request_id) "
		   "VALUES"
		   " ('x.example', 'key', 'one', 'a@x.example', 'account:b@x.example', NULL,"
		   "  '2030-01-01 10:00', 'r1'),"
		   " ('y.example', 'jwt', 'two', 'a@x.example', 'account:b@y.example', 'types/3',"
		   "  '2030-01-01 11:00', 'r2'),"
		   " ('x.example', 'none', 'three', NULL, 'account:b@x.example', 'types/4',"
		   "  '2030-01-01 12:00', 'r3')");
	assert_int_equal(ctl("audit --from 2030-01-01"), 0);
	first = strstr(out, "three");
	second = strstr(out, "two");
	assert_true(first && second && first < second && second < strstr(out, " one"));
	assert_int_equal(ctl("audit --space x.example --from 2030-01-01 --json"), 0);
	assert_in(out, "\"action\":\"three\",\"object\":\"account:b@x.example/types/4\"");
	assert_null(strstr(out, "two"));
	assert_int_equal(ctl("audit --object account:b@x.example/types/4 --json"), 0);
	assert_in(out, "\"request_id\":\"r3\"");
	assert_null(strstr(out, "r1"));
	assert_int_equal(ctl("audit --actor a@x.example --to 2030-01-01T10:30 --json"), 0);
	assert_in(out, "r1");
	assert_null(strstr(out, "r2"));
	assert_int_equal(ctl("audit --actor a@x.example --limit 1 --json"), 0);
	assert_in(out, "r2");
	assert_null(strstr(out, "r1"));
	assert_int_equal(ctl("audit --from yesterday"), 1);
	assert_in(err, "from: yesterday is no time as ISO 8601 writes it.");
}

static void explains_itself(const char *usage)
{
	size_t n = strcspn(usage, "ABCDEFGHIJKLMNOPQRSTUVWXYZ[<\n");
	char words[128];

	assert_true(n + sizeof(" --help") <= sizeof(words));
	memcpy(words, usage, n);
	strcpy(words + n, " --help");
	assert_int_equal(ctl(words), 0);
	assert_in(out, usage);
	assert_null(strstr(out, "(null)"));
}

/* The line of a command in the list of --help is its usage. */
static void every_command_explains_itself(void **state)
{
	char *list, *line, *rest;
	int commands = 0;

	(void)state;
	assert_int_equal(ctl("--help"), 0);
	list = strdup(out);
	rest = strstr(list, "--help):\n") + 9;
	for (line = strtok_r(rest, "\n", &rest); line && strncmp(line, "  --config", 10) != 0;
		line = strtok_r(NULL, "\n", &rest)) {
		if (line[2] == ' ')
			continue;
		explains_itself(line + 2);
		commands++;
	}
	free(list);
	assert_true(commands > 30);
}

static const char *completed(const char *words, int at)
{
	char command[1024];

	snprintf(command, sizeof(command),
		"%s --config %s/conf completion bash >%s/completion &&"
		" bash -c 'source %s/completion; COMP_WORDS=(%s); COMP_CWORD=%d; _dialtonectl;"
		" echo \"${COMPREPLY[*]}\"' >%s/out",
		getenv("TEST_CTL"), dir, dir, dir, words, at, dir);
	assert_int_equal(system(command), 0);
	file_read("out", out);
	return out;
}

static void a_shell_completes_commands_and_options(void **state)
{
	(void)state;
	assert_string_equal(completed("dialtonectl acc", 1), "account\n");
	assert_string_equal(completed("dialtonectl --config x account un", 4), "unblock unlock\n");
	assert_string_equal(completed("dialtonectl account list example.org --li", 4), "--limit\n");
	assert_string_equal(completed("dialtonectl nothing \"\"", 2), "\n");
}

static void jobs_are_listed_and_their_payload_is_shown_to_those_who_ask(void **state)
{
	(void)state;
	server_sql("INSERT INTO jobs (kind, domain, payload, payload_sealed, expires_at) VALUES"
		   " ('mail.hello', 'd', '{\"to\":\"a@example.org\"}', NULL, now() + interval '1 "
		   "hour'),"
		   " ('mail.code', 'd', NULL, '\\x010fff00', now() + interval '1 hour')");
	assert_int_equal(ctl("jobs list --json --kind mail.hello"), 0);
	assert_in(out, "\"kind\":\"mail.hello\"");
	assert_null(strstr(out, "mail.code"));
	assert_null(strstr(out, "a@example.org"));
	assert_int_equal(ctl("jobs show 1 --json"), 0);
	assert_null(strstr(out, "a@example.org"));
	assert_int_equal(ctl("jobs show 1 --json --payload"), 0);
	assert_in(out, "a@example.org");
	assert_int_equal(ctl("jobs show 2 --payload"), 1);
	assert_in(err, "No key of the keys file opens this payload.");
	assert_int_equal(ctl("jobs show 3"), 1);
	assert_in(err, "There is no such job");
}

static int seal_key_id(void)
{
	char text[OUTPUT_MAX];

	file_read("keys", text);
	return atoi(strstr(text, "\nseal ") + 6);
}

static void a_new_key_never_has_the_id_of_a_lost_one(void **state)
{
	char command[160];
	int before = seal_key_id();

	(void)state;
	assert_int_equal(ctl_with("account create alice.a sip.example.org", "long enough\\n"), 0);
	server_sql("UPDATE provisioning_tokens SET token_sealed = set_byte(token_sealed, 1, 2)");
	assert_int_equal(ctl("keys rotate seal"), 0);
	assert_true(seal_key_id() > 512);
	snprintf(command, sizeof(command), "mv %s/keys %s/keys.lost", dir, dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(ctl("keys create --first"), 1);
	assert_in(err, "secrets that other keys have sealed");
	assert_int_equal(ctl("keys create"), 0);
	assert_true(seal_key_id() > 512 + before);
	assert_int_equal(unlink(strcat(strcpy(command, dir), "/keys")), 0);
	server_stop();
	assert_int_equal(ctl("keys create --first"), 0);
	assert_in(err, "the ids are taken at random");
	server_start();
	snprintf(command, sizeof(command), "mv %s/keys.lost %s/keys", dir, dir);
	assert_int_equal(system(command), 0);
}

static void a_rotation_drops_no_key_that_still_seals(void **state)
{
	int rotations = 0;

	(void)state;
	assert_int_equal(ctl_with("account create alice.a sip.example.org", "long enough\\n"), 0);
	assert_int_equal(ctl("seal re-encrypt"), 0);
	while (rotations < 5 && ctl("keys rotate seal") == 0)
		rotations++;
	assert_int_equal(rotations, 3);
	assert_in(err, "1 secrets are sealed with the oldest key");
	assert_int_equal(ctl("seal re-encrypt"), 0);
	assert_int_equal(ctl("keys rotate seal"), 0);
}

static void a_created_account_is_an_event_like_any_other(void **state)
{
	(void)state;
	server_sql("TRUNCATE outbox");
	assert_int_equal(ctl_with("account create alice.a sip.example.org", "long enough\\n"), 0);
	assert_int_equal(
		server_sql("SELECT count(*) FROM outbox WHERE kind = 'account.created'"), 1);
}

static void a_key_is_made_listed_and_deleted(void **state)
{
	char command[64];

	(void)state;
	assert_int_equal(ctl_with("account create alice.a sip.example.org", "long enough\\n"), 0);
	assert_int_equal(ctl("api-key create alice.a sip.example.org --name 'call centre'"
			     " --expires-minutes 60 --ip 192.0.2.7"),
		0);
	assert_int_equal(strlen(out), 41);
	assert_int_equal(ctl("api-key list alice.a sip.example.org --json"), 0);
	assert_in(out, "\"name\":\"call centre\",\"ip\":\"192.0.2.7\"");
	assert_int_equal(ctl("api-key list bob sip.example.org --json"), 0);
	assert_string_equal(out, "[]\n");
	snprintf(command, sizeof(command), "api-key delete %ld",
		server_sql("SELECT id FROM api_keys"));
	assert_int_equal(ctl(command), 0);
	assert_int_equal(server_sql("SELECT count(*) FROM api_keys"), 0);
	assert_int_equal(ctl(command), 1);
	assert_in(err, "There is no such key.");
}

static void a_token_lets_one_account_be_made_in_a_space_that_there_is(void **state)
{
	(void)state;
	assert_int_equal(ctl("token create sip.example.org"), 0);
	assert_int_equal(strlen(out), 14);
	out[13] = '\0';
	assert_int_equal(server_sql("SELECT count(*) FROM account_creation_tokens"
				    " WHERE domain = 'sip.example.org' AND NOT used"),
		1);
	assert_int_equal(ctl("token create SIP.example.org --json"), 0);
	assert_in(out, "\"expire_at\":");
	assert_int_equal(ctl("token create nowhere.example.org"), 1);
	assert_in(err, "There is no space nowhere.example.org.");
}

static void a_key_of_nobody_or_for_no_address_is_refused(void **state)
{
	(void)state;
	assert_int_equal(ctl("api-key create nobody sip.example.org"), 1);
	assert_in(err, "There is no account nobody@sip.example.org.");
	assert_int_equal(ctl_with("account create alice.a sip.example.org", "long enough\\n"), 0);
	assert_int_equal(ctl("api-key create alice.a sip.example.org --ip 300.1.1.1"), 2);
	assert_in(err, "The ip value is not well formed.");
}

static void the_status_of_the_schema_is_listed(void **state)
{
	(void)state;
	assert_int_equal(ctl("migrate --status --json"), 0);
	assert_in(out, "\"name\":\"baseline\",\"state\":\"applied\"");
	assert_int_equal(ctl("migrate"), 0);
	assert_in(err, "The database is at version");
}

static void status_is_well_when_everything_is(void **state)
{
	(void)state;
	assert_int_equal(ctl("status --json"), 0);
	assert_in(out, "\"database\":\"ok\"");
	assert_in(out, "\"redis\":\"ok\"");
	assert_in(out, "\"schema\":\"current\"");
	assert_in(out, "\"spaces\":1");
}

static void status_writes_and_leaves_nothing_behind(void **state)
{
	(void)state;
	assert_int_equal(ctl("status --json"), 0);
	assert_in(out, "\"database_writes\":\"ok\"");
	assert_int_equal(server_sql("SELECT count(*) FROM guesses"), 0);
	server_sql("ALTER DATABASE postgres SET default_transaction_read_only = on");
	assert_int_equal(ctl("status --json"), 1);
	assert_in(out, "\"database\":\"ok\",\"database_writes\":\"refused\"");
	assert_in(out, "25006");
	server_sql("BEGIN READ WRITE; ALTER DATABASE postgres RESET ALL; COMMIT");
}

static void status_fails_and_still_tells_when_redis_is_away(void **state)
{
	(void)state;
	assert_int_equal(system(getenv("TEST_REDIS_STOP")), 0);
	assert_int_equal(ctl("status"), 1);
	assert_in(out, "redis            away\n");
	assert_in(out, "database         ok\n");
	assert_int_equal(system(getenv("TEST_REDIS_START")), 0);
}

static void without_the_database_commands_say_so(void **state)
{
	(void)state;
	server_stop();
	assert_int_equal(ctl("space list"), 1);
	assert_in(err, "The database is not available: ");
	assert_in(err, "connection to server");
	assert_int_equal(ctl("status"), 1);
	assert_in(out, "database         away\n");
	assert_int_equal(ctl("migrate"), 1);
	assert_in(err, "No connection to the database");
	server_start();
}

static void an_old_schema_is_not_worked_on(void **state)
{
	(void)state;
	server_sql("ALTER TABLE spaces RENAME COLUMN host TO host_name");
	assert_int_equal(ctl("space list"), 1);
	assert_in(err, "run \"dialtonectl migrate\"");
	server_sql("ALTER TABLE spaces RENAME COLUMN host_name TO host");
}

static void existing_keys_are_left_alone(void **state)
{
	(void)state;
	assert_int_equal(ctl("keys create"), 1);
	assert_in(err, "exists and was left alone");
	assert_int_equal(ctl("keys rotate jwt"), 0);
	assert_int_equal(ctl("keys rotate door"), 1);
	assert_in(err, "jwt, seal, digest or token");
}

static void a_configuration_is_checked(void **state)
{
	char command[128];

	(void)state;
	assert_int_equal(ctl("config check"), 0);
	assert_string_equal(out, "configuration ok\n");
	conf_write("broken", "[jobs]\noutbox_batch = none\n");
	snprintf(command, sizeof(command), "config check %s/broken", dir);
	assert_int_equal(ctl(command), 2);
	assert_in(err, "broken:5: outbox_batch must be");
}

static void mistakes_in_one_section_hide_none_in_another(void **state)
{
	char command[160];

	(void)state;
	snprintf(command, sizeof(command), "cp %s/conf %s/conf.good; chmod 644 %s/keys", dir, dir,
		dir);
	assert_int_equal(system(command), 0);
	conf_write("conf", "[api]\nworkers = none\n[relay]\nid = toolong\n");
	assert_int_equal(ctl("config check"), 2);
	assert_in(err, "conf:5: workers must be");
	assert_in(err, "conf:7: id must be");
	assert_in(err, "others may access it, chmod it to 0600");
	conf_write("conf", "");
	assert_int_equal(ctl("config check"), 2);
	snprintf(command, sizeof(command), "mv %s/conf.good %s/conf; chmod 600 %s/keys", dir, dir,
		dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(ctl("config check"), 0);
}

static void a_byte_order_mark_is_no_part_of_a_password(void **state)
{
	(void)state;
	assert_int_equal(
		ctl_with("admin create root.admin sip.example.org", "\\357\\273\\277a secret\\n"),
		0);
	assert_int_equal(
		server_sql("SELECT count(*) FROM passwords WHERE password ="
			   " encode(sha256('root.admin:sip.example.org:a secret'), 'hex')"),
		1);
}

static void mistakes_on_the_command_line_are_told_with_the_usage(void **state)
{
	(void)state;
	assert_int_equal(ctl("space create only.one"), 2);
	assert_in(err, "The host field is required.");
	assert_in(err, "The name field is required.");
	assert_in(err, "usage: dialtonectl space create DOMAIN HOST NAME [--super]");
	assert_int_equal(ctl("space list more"), 2);
	assert_in(err, "more: one argument too many");
	assert_int_equal(ctl("api-key create a b --expires-minutes soon"), 2);
	assert_in(err, "The expires_minutes value must be a whole number.");
	assert_int_equal(ctl("make coffee"), 2);
	assert_in(err, "There is no such command");
	assert_int_equal(ctl(""), 2);
}

static void a_name_cannot_steer_the_terminal(void **state)
{
	(void)state;
	server_sql("UPDATE spaces SET name = E'a\\x1b[31mb'");
	assert_int_equal(ctl("space list"), 0);
	assert_in(out, "a?[31mb");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define FRESH(test) cmocka_unit_test_setup(test, fresh)
		FRESH(spaces_are_listed_as_a_table_and_as_json),
		FRESH(creating_a_space_again_changes_it),
		FRESH(one_thing_of_a_space_is_set_by_the_rules_of_the_api),
		FRESH(a_space_is_deleted_when_told_twice_and_gone_at_once),
		FRESH(a_host_of_another_space_is_refused),
		FRESH(values_are_held_to_the_rules_of_the_api),
		FRESH(a_domain_has_no_case),
		FRESH(an_administrator_is_made_with_a_key_that_is_all_of_the_output),
		FRESH(an_existing_account_is_changed_only_when_asked_to),
		FRESH(accounts_made_here_obey_the_same_rules),
		FRESH(a_password_comes_from_standard_input_only),
		FRESH(a_space_forbids_allows_or_requires_the_second_factor),
		FRESH(a_lost_second_factor_is_taken_away_and_the_sessions_end),
		FRESH(an_account_is_unlocked),
		FRESH(after_a_rotation_every_stored_secret_is_sealed_anew),
		FRESH(a_secret_no_key_opens_is_told_and_left_as_it_is),
		FRESH(what_no_key_opens_is_forgotten_when_told_twice),
		FRESH(accounts_are_listed_and_shown),
		FRESH(an_account_is_blocked_and_let_in_again),
		FRESH(a_new_password_replaces_the_old_one_and_nothing_else),
		FRESH(an_account_is_deleted_when_told_twice),
		FRESH(each_command_that_changes_something_is_told_once_without_a_value),
		FRESH(a_command_that_fails_or_only_asks_is_not_told),
		FRESH(the_trail_is_listed_newest_first_by_space_object_actor_and_time),
		FRESH(every_command_explains_itself),
		FRESH(a_shell_completes_commands_and_options),
		FRESH(jobs_are_listed_and_their_payload_is_shown_to_those_who_ask),
		FRESH(a_new_key_never_has_the_id_of_a_lost_one),
		FRESH(a_rotation_drops_no_key_that_still_seals),
		FRESH(a_created_account_is_an_event_like_any_other),
		FRESH(a_key_is_made_listed_and_deleted),
		FRESH(a_token_lets_one_account_be_made_in_a_space_that_there_is),
		FRESH(a_key_of_nobody_or_for_no_address_is_refused),
		FRESH(the_status_of_the_schema_is_listed),
		FRESH(status_is_well_when_everything_is),
		FRESH(status_writes_and_leaves_nothing_behind),
		FRESH(status_fails_and_still_tells_when_redis_is_away),
		FRESH(without_the_database_commands_say_so),
		FRESH(an_old_schema_is_not_worked_on),
		FRESH(existing_keys_are_left_alone),
		FRESH(a_configuration_is_checked),
		FRESH(mistakes_in_one_section_hide_none_in_another),
		FRESH(a_byte_order_mark_is_no_part_of_a_password),
		FRESH(mistakes_on_the_command_line_are_told_with_the_usage),
		FRESH(a_name_cannot_steer_the_terminal),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
