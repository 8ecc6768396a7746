#include "resources/accounts/policy.h"

#include <string.h>

#include "base/utf8.h"
#include "resources/accounts/username_policy.h"

#define LOCAL_PART_MAX 64
#define LABEL_MAX      63
#define DOMAIN_MIN     4
#define DOMAIN_MAX     253
#define E164_MIN       7
#define E164_MAX       15

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 5322, 3.2.3: dot-atom-text. */
static bool is_dot_atom(struct str s)
{
	if (s.n == 0 || s.n > LOCAL_PART_MAX || s.p[0] == '.' || s.p[s.n - 1] == '.')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.' && s.p[i - 1] == '.')
			return false;
		if (s.p[i] != '.' && !is_alnum(s.p[i]) && !strchr("!#$%&'*+-/=?^_`{|}~", s.p[i]))
			return false;
	}
	return true;
}

static bool is_label(struct str s)
{
	if (s.n == 0 || s.n > LABEL_MAX || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && s.p[i] != '-')
			return false;
	return true;
}

/* Labels with dots between them, the last one of letters only. */
static bool is_host_name(struct str s)
{
	struct str label = { 0 };
	size_t labels = 0;

	if (s.n < DOMAIN_MIN || s.n > DOMAIN_MAX)
		return false;
	while (s.p) {
		label = str_split(&s, '.');
		if (!is_label(label))
			return false;
		labels++;
	}
	for (size_t i = 0; i < label.n; i++)
		if (label.p[i] >= '0' && label.p[i] <= '9')
			return false;
	return labels >= 2 && label.n >= 2;
}

enum text_id account_email_check(struct str s)
{
	struct str domain = s;
	struct str local = str_split(&domain, '@');

	return domain.p && is_dot_atom(local) && is_host_name(domain) ? TEXT_OK : TEXT_EMAIL;
}

static bool is_e164(struct str s)
{
	if (s.n < 1 + E164_MIN || s.n > 1 + E164_MAX || s.p[0] != '+' || s.p[1] == '0')
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

enum text_id account_phone_check(struct str s)
{
	return is_e164(s) ? TEXT_OK : TEXT_PHONE;
}

static bool has_upper(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			return true;
	return false;
}

enum text_id account_username_check(struct str s)
{
	return has_upper(s) ? TEXT_LOWERCASE : TEXT_OK;
}

enum text_id account_domain_check(struct str s)
{
	return is_host_name(s) && !has_upper(s) ? TEXT_OK : TEXT_FORMAT;
}

enum text_id space_host_check(struct str s)
{
	if (s.n > DOMAIN_MAX || has_upper(s))
		return TEXT_FORMAT;
	while (s.p)
		if (!is_label(str_split(&s, '.')))
			return TEXT_FORMAT;
	return TEXT_OK;
}

void account_username_rules(struct service *s, const struct space *space, const char *username)
{
	const struct rule_settings *settings = s->settings;
	int64_t shortest = space->username_min_length ? space->username_min_length
						      : settings->account_username_min_length;
	enum text_id wrong = username_policy_check(s->usernames, username);

	if ((int64_t)utf8_length(username, strlen(username)) < shortest)
		field_errors_add_limit(s->errors, "username", TEXT_MIN_LEN, shortest);
	if (!settings->allow_phone_number_username_admin_api && is_e164(str_from(username)))
		field_errors_add(s->errors, "username", TEXT_NOT_PHONE);
	if (wrong != TEXT_OK)
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

/* Exact, unlike in a DIGEST header: the text is what is stored. */
static bool is_one_of(const char *const *values, const char *text)
{
	for (; *values; values++)
		if (strcmp(*values, text) == 0)
			return true;
	return false;
}

void account_password_rules(
	struct service *s, const struct space *space, const char *password, const char *algorithm)
{
	int64_t shortest = s->settings->account_password_min_length;
	const char *const *algorithms = algorithms_of(space);

	if (password && (int64_t)utf8_length(password, strlen(password)) < shortest)
		field_errors_add_limit(s->errors, "password", TEXT_MIN_LEN, shortest);
	if (algorithm && !is_one_of(algorithms, algorithm))
		field_errors_add_values(s->errors, "algorithm", TEXT_ONE_OF, algorithms);
}
