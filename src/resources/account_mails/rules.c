#include "resources/account_mails/account_mail.h"

#include "account_mails_priv.h"
#include "base/clock.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "resources/accounts/account.h"
#include "service/job.h"

#define WIZARD_TOKEN_LENGTH 24
#define RESET_TOKEN_LENGTH  16    /* accounts-api 1.7 */
#define WIZARD_MINUTES      10080 /* the database's: 7 days */

const struct refusal account_without_email = { 403, "account_without_email",
	"This account has no e-mail address." };

/* What the mail says. */
struct account_mail {
	const char *email, *link, *qrcode_url, *language;
	int64_t minutes; /* for so long the link is good */
};
static const struct field provisioning_fields[] = {
	FIELD_TEXT(account_mail, email),
	FIELD_TEXT(account_mail, link),
	FIELD_TEXT(account_mail, qrcode_url),
	FIELD_TEXT(account_mail, language),
	FIELD_INT(account_mail, minutes),
	FIELDS_END,
};
static const struct field reset_fields[] = {
	FIELD_TEXT(account_mail, email),
	FIELD_TEXT(account_mail, link),
	FIELD_TEXT(account_mail, language),
	FIELD_INT(account_mail, minutes),
	FIELDS_END,
};
static const struct job_kind job_provisioning = { "mail.provisioning", provisioning_fields, true };
static const struct job_kind job_reset_password = { "mail.reset_password", reset_fields, true };

static enum err send(struct service *s, const struct job_kind *kind, const struct account *a,
	const struct account_mail *mail)
{
	return job_add(
		s, kind, a->domain, a->id, clock_wall_us() + mail->minutes * CLOCK_MINUTE_US, mail);
}

static int64_t shorter(int64_t minutes, int64_t limit)
{
	return limit && limit < minutes ? limit : minutes;
}

enum err account_mail_provisioning(
	struct service *s, const struct account *a, const struct mail_order *order)
{
	const char *token = random_token(s->arena, WIZARD_TOKEN_LENGTH);
	struct account fresh;
	enum err e = account_provision(s, a->domain, a->id, &fresh);

	if (e == ERR_OK)
		e = wizard_store_put(s, a->id, hash_text(s->arena, token), order->by);
	if (e != ERR_OK)
		return e;
	const struct account_mail mail = {
		.email = a->email,
		.link = arena_printf(s->arena, "%s/wizard/%s", order->site_url, token),
		.qrcode_url = arena_printf(s->arena, "%s/provisioning/qrcode/%s", order->site_url,
			fresh.provisioning_token),
		.language = order->language,
		.minutes =
			shorter(WIZARD_MINUTES, s->settings->provisioning_token_expiration_minutes),
	};

	return send(s, &job_provisioning, a, &mail);
}

enum err account_mail_reset_password(
	struct service *s, const struct account *a, const struct mail_order *order)
{
	const char *token = random_token(s->arena, RESET_TOKEN_LENGTH);
	int64_t minutes = s->settings->reset_password_email_token_expiration_minutes;

	enum err e = reset_token_store_put(s, a->id, hash_text(s->arena, token), a->email,
		clock_wall_us() + minutes * CLOCK_MINUTE_US);

	if (e != ERR_OK)
		return e;
	return send(s, &job_reset_password, a,
		&(struct account_mail){ .email = a->email,
			.link = arena_printf(
				s->arena, "%s/reset_password/%s", order->site_url, token),
			.language = order->language,
			.minutes = minutes });
}
