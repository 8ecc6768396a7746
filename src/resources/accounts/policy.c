#include "resources/accounts/policy.h"

#include <string.h>

#include "base/syntax.h"
#include "base/utf8.h"
#include "crypto/ha1.h"
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
	if (wrong)
		field_errors_add(s->errors, "username", wrong);
}

void account_not_phone_rule(struct service *s, const char *username)
{
	if (phone_is_valid(str_from(username)))
		field_errors_add(s->errors, "username", &text_not_phone);
}

/* What may be asked for in the space, NULL-terminated. */
static const char *const *algorithms_of(const struct service *s, const struct space *space)
{
	static const char *const both[] = { "MD5", "SHA-256", NULL };
	static const char *const md5[] = { "MD5", NULL };
	static const char *const sha256[] = { "SHA-256", NULL };

	if (s->settings->strict_algorithm)
		return str_is(str_from(space->default_algorithm), "MD5") ? md5 : sha256;
	if (!space->allows_md5)
		return sha256;
	return space->allows_sha256 ? both : md5;
}

void account_password_rules(
	struct service *s, const struct space *space, const char *password, const char *algorithm)
{
	int64_t shortest = s->settings->account_password_min_length;
	const char *const *algorithms = algorithms_of(s, space);

	if (password && (int64_t)utf8_length(password, strlen(password)) < shortest)
		field_errors_add_limit(s->errors, "password", &text_min_len, shortest);
	/* Exact, unlike in a DIGEST header: the text is what is stored. */
	if (algorithm && !str_is_one_of(str_from(algorithm), algorithms))
		field_errors_add_values(s->errors, "algorithm", &text_one_of, algorithms);
}

static const char *ha1_of(struct service *s, const struct space *space, const char *username,
	const char *password, enum digest_algorithm algorithm)
{
	char *ha1 = arena_alloc(s->arena, HA1_SIZE);

	ha1_make(algorithm, str_from(username), str_from(space->realm), str_from(password), ha1);
	return ha1;
}

void account_password_hash(struct service *s, const struct space *space, const char *username,
	const char *password, const char *algorithm, struct account_ha1 *ret)
{
	const char *wanted = algorithm ? algorithm : space->default_algorithm;
	bool md5 = str_is(str_from(wanted), "MD5");
	bool both = s->settings->password_store_both && space->allows_md5 && space->allows_sha256;
	enum digest_algorithm first = md5 ? DIGEST_MD5 : DIGEST_SHA256;
	enum digest_algorithm other = md5 ? DIGEST_SHA256 : DIGEST_MD5;

	*ret = (struct account_ha1){ .ha1 = ha1_of(s, space, username, password, first),
		.algorithm = wanted };
	if (!both)
		return;
	ret->other_ha1 = ha1_of(s, space, username, password, other);
	ret->other_algorithm = md5 ? "SHA-256" : "MD5";
}

void account_common_password_rule(struct service *s, const char *password)
{
	if (common_passwords_has(s->common_passwords, password))
		field_errors_add(s->errors, "password", &text_common_password);
}
