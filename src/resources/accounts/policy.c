#include "resources/accounts/policy.h"

#include <string.h>

#include "base/syntax.h"
#include "base/utf8.h"
#include "resources/accounts/common_passwords.h"
#include "resources/accounts/username_policy.h"

static const struct text text_common_password = { "common_password",
	"This password is among those that are guessed first." };

void account_username_rules(struct service *s, const struct space *space, const char *username)
{
	const struct rule_settings *settings = s->settings;
	int64_t shortest = space->username_min_length ? space->username_min_length
						      : settings->account_username_min_length;
	const struct text *wrong = username_policy_check(s->usernames, username);

	if ((int64_t)utf8_length(username, strlen(username)) < shortest)
		field_errors_add_limit(s->errors, "username", &text_min_len, shortest);
	if (!settings->allow_phone_number_username_admin_api && phone_is_valid(str_from(username)))
		field_errors_add(s->errors, "username", &text_not_phone);
	if (wrong)
		field_errors_add(s->errors, "username", wrong);
}

/* What the space takes, NULL-terminated. */
static const char *const *algorithms_of(const struct space *space)
{
	static const char *const both[] = { "MD5", "SHA-256", NULL };
	static const char *const md5[] = { "MD5", NULL };
	static const char *const sha256[] = { "SHA-256", NULL };

	if (!space->allows_md5)
		return sha256;
	return space->allows_sha256 ? both : md5;
}

void account_password_rules(
	struct service *s, const struct space *space, const char *password, const char *algorithm)
{
	int64_t shortest = s->settings->account_password_min_length;
	const char *const *algorithms = algorithms_of(space);

	if (password && (int64_t)utf8_length(password, strlen(password)) < shortest)
		field_errors_add_limit(s->errors, "password", &text_min_len, shortest);
	/* Exact, unlike in a DIGEST header: the text is what is stored. */
	if (algorithm && !str_is_one_of(str_from(algorithm), algorithms))
		field_errors_add_values(s->errors, "algorithm", &text_one_of, algorithms);
}

void account_common_password_rule(struct service *s, const char *password)
{
	if (common_passwords_has(s->common_passwords, password))
		field_errors_add(s->errors, "password", &text_common_password);
}
