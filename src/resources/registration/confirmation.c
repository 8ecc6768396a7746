#include "resources/registration/confirmation.h"

#include "base/clock.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "registration_priv.h"
#include "service/job.h"
#include "service/refusal.h"
#include "service/transaction.h"

#define ATTEMPTS_MAX 3 /* accounts-api 16, item 10 */

const struct refusal confirmation_over = { 403, "confirmation_over", "This key has expired." };

static const char *const kind_names[] = { NULL, "email", "phone" };

static const struct field mail_fields[] = {
	FIELD_TEXT_AS(confirmation_message, to, "email"),
	FIELD_TEXT(confirmation_message, key),
	FIELD_TEXT(confirmation_message, language),
	FIELD_INT(confirmation_message, minutes),
	FIELDS_END,
};
static const struct field sms_fields[] = {
	FIELD_TEXT_AS(confirmation_message, to, "phone"),
	FIELD_TEXT_AS(confirmation_message, key, "code"),
	FIELD_TEXT(confirmation_message, language),
	FIELD_INT(confirmation_message, minutes),
	FIELDS_END,
};
static const struct job_kind job_mail = { "mail.registration_link", mail_fields, true };
static const struct job_kind job_sms[] = {
	[CONFIRMATION_SMS_CREATION] = { "sms.creation_code", sms_fields, true },
	[CONFIRMATION_SMS_RECOVERY] = { "sms.recovery_code", sms_fields, true },
};

static enum err begin(struct service *s, struct account *a, enum confirmation_kind kind,
	const struct job_kind *job, const struct confirmation_message *m)
{
	struct confirmation_row row = { .account_id = a->id,
		.kind = kind_names[kind],
		.expires_at = clock_wall_us() + m->minutes * CLOCK_MINUTE_US };
	enum err e = seal(
		s->keys, str_from(m->key), account_confirmation_context, s->arena, &row.sealed);

	if (e == ERR_OK)
		e = confirmation_store_put(s, &row);
	if (e != ERR_OK)
		return e;
	a->confirmation_sealed = row.sealed;
	a->confirmation_key = m->key;
	a->confirmation_key_expires = row.expires_at;
	return job_add(s, job, a->domain, a->id, row.expires_at, m);
}

enum err confirmation_mail(struct service *s, struct account *a, const char *language)
{
	const struct confirmation_message m = { .to = a->email,
		.key = random_token(s->arena, CONFIRMATION_KEY_LENGTH),
		.language = language,
		.minutes = s->settings->confirmation_key_expiration_minutes };

	return begin(s, a, CONFIRMATION_EMAIL, &job_mail, &m);
}

enum err confirmation_sms(struct service *s, struct account *a, enum confirmation_sms which,
	const char *phone, const char *language)
{
	const struct confirmation_message m = { .to = phone,
		.key = random_pin(s->arena),
		.language = language,
		.minutes = s->settings->recovery_code_expiration_minutes };

	return begin(s, a, CONFIRMATION_PHONE, &job_sms[which], &m);
}

/* A key whose seal no key of ours opens is like none. */
static enum err check(struct service *s, const struct account *a,
	const struct confirmation_tried *tried, const char *key)
{
	struct str right;
	enum err e = unseal(s->keys, tried->sealed, account_confirmation_context, s->arena, &right);

	if (e == ERR_GONE || (e == ERR_OK && !secret_is_equal(right, str_from(key))))
		return ERR_NOT_FOUND;
	if (e == ERR_OK && tried->expired)
		return refused(s, &confirmation_over);
	return e == ERR_OK && a->blocked ? ERR_BLOCKED : e;
}

/* The attempt counts before it is known how it ends, so that many at once are no more than three. */
static enum err try(struct service *s, const struct account *a, enum confirmation_kind kind,
	const char *key, struct confirmation_row *ret)
{
	struct confirmation_tried tried;
	enum err e;

	*ret = (struct confirmation_row){
		.account_id = a->id, .kind = kind_names[kind], .attempts_max = ATTEMPTS_MAX
	};
	e = confirmation_store_try(s, ret, &tried);
	ret->sealed = tried.sealed;
	return e == ERR_OK ? check(s, a, &tried, key) : e;
}

struct using
{
	const struct account *account;
	struct confirmation_row row;
	bool with_ha1;
	struct account *ret;
};

static enum err use(struct service *s, void *arg)
{
	const struct using *u = arg;
	enum err e = confirmation_store_take(s, &u->row);

	if (e == ERR_OK)
		e = account_activate_own(s, u->account, u->ret);
	account_hide_provisioning(u->ret);
	if (e == ERR_OK && u->with_ha1)
		e = confirmation_store_ha1s(s, u->account->id, &u->ret->passwords);
	return e;
}

static enum err try_and_use(
	struct service *s, enum confirmation_kind kind, const char *key, struct using *u)
{
	enum err e = try(s, u->account, kind, key, &u->row);

	return e == ERR_OK ? service_change(s, use, u) : e;
}

enum err confirmation_use(struct service *s, const struct account *a, enum confirmation_kind kind,
	const char *key, struct account *ret)
{
	return try_and_use(s, kind, key, &(struct using){ .account = a, .ret = ret });
}

enum err confirmation_recover(
	struct service *s, const struct account *a, const char *key, struct account *ret)
{
	return try_and_use(s, CONFIRMATION_ANY, key,
		&(struct using){ .account = a, .with_ha1 = true, .ret = ret });
}

enum err confirmation_look(struct service *s, const struct account *a, const char *key)
{
	struct confirmation_row row;
	enum err e = try(s, a, CONFIRMATION_ANY, key, &row);

	return e == ERR_OK ? confirmation_store_give_back(s, &row) : e;
}
