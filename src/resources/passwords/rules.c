#include "resources/passwords/password.h"

#include <string.h>

#include "base/clock.h"
#include "identity/password.h"
#include "passwords_priv.h"
#include "resources/accounts/policy.h"
#include "resources/spaces/space.h"
#include "service/job.h"
#include "service/refusal.h"
#include "service/transaction.h"

static const struct text text_old_password = { "old_password",
	"This is not the password of the account." };

static enum err wrong_old(struct service *s)
{
	field_errors_add(s->errors, "old_password", &text_old_password);
	return ERR_INVALID;
}

/* Told of the first password (accounts-api I.6). */
struct confirmed_mail {
	const char *email, *language;
};
static const struct field confirmed_fields[] = {
	FIELD_TEXT(confirmed_mail, email),
	FIELD_TEXT(confirmed_mail, language),
	FIELDS_END,
};
static const struct job_kind job_confirmed = { "mail.registration_confirmed", confirmed_fields,
	false };

struct changing {
	const struct identity *who;
	const char *language;
	const char *old_ha1; /* of the password that was shown; NULL: there was none */
	struct account_ha1 fresh;
	struct account *ret;
};

static enum err tell_confirmed(struct service *s, const struct changing *c)
{
	const struct confirmed_mail mail = { c->ret->email, c->language };

	return job_add(s, &job_confirmed, c->who->domain, c->who->account_id,
		clock_wall_us() + CLOCK_DAY_US, &mail);
}

static enum err change(struct service *s, void *arg)
{
	const struct changing *c = arg;
	const struct identity *who = c->who;
	bool as_shown;
	enum err e = password_store_hold(s, who);

	if (e == ERR_OK)
		e = password_store_is(s, who->account_id, c->old_ha1, &as_shown);
	if (e != ERR_OK)
		return e;
	if (!as_shown) /* another request has changed it */
		return wrong_old(s);
	e = account_set_password(s, who->domain, who->account_id, &c->fresh);
	if (e == ERR_OK)
		e = password_store_follow(s, who);
	if (e == ERR_OK)
		e = account_find(s, who->domain, ACCOUNT_BY_USERNAME, who->username, c->ret);
	return e == ERR_OK && !c->old_ha1 && c->ret->email ? tell_confirmed(s, c) : e;
}

/* *ret_ha1: one that is stored. */
static enum err check_old(
	struct service *s, const struct identity *who, const char *old, const char **ret_ha1)
{
	struct login_row row = { 0 };
	enum err e = password_check(s, DOOR_PASSWORD_AGAIN, who->username, who->domain, old, &row);

	if (refused_as(s, e, &password_wrong))
		return wrong_old(s);
	*ret_ha1 = row.credentials.sha256 ? row.credentials.sha256 : row.credentials.md5;
	return e;
}

/* What can be said without trying the old one. */
static enum err check_input(struct service *s, const struct space *space,
	const struct password_change *in, bool has_one)
{
	account_password_rules(s, space, in->password, in->algorithm);
	if (in->password)
		account_common_password_rule(s, in->password);
	if (has_one && !in->old_password && !field_errors_has(s->errors, "old_password"))
		field_errors_add(s->errors, "old_password", &text_required);
	return s->errors->count ? ERR_INVALID : ERR_OK;
}

enum err password_change_own(struct service *s, const struct identity *who,
	const struct password_change *in, const char *language, struct account *ret)
{
	struct changing c = { .who = who, .language = language, .ret = ret };
	const struct space *space = NULL;
	enum err e = space_by_domain(s, who->domain, &space);

	if (e == ERR_OK && !space)
		e = ERR_NOT_FOUND;
	if (e == ERR_OK)
		e = account_of_caller(s, who, ret);
	if (e != ERR_OK)
		return e;
	bool has_one = strcmp(ret->passwords, "[]") != 0;

	e = check_input(s, space, in, has_one);
	if (e == ERR_OK && has_one)
		e = check_old(s, who, in->old_password, &c.old_ha1);
	if (e != ERR_OK)
		return e;
	account_password_hash(s, space, who->username, in->password, in->algorithm, &c.fresh);
	return service_change(s, change, &c);
}
