/* Mails that an administrator has sent to the owner of an account (accounts-api II.8). */
#include "http/ctx.h"
#include "resources/account_mails/account_mail.h"
#include "resources/accounts/account.h"
#include "service/refusal.h"
#include "text/language.h"

static enum err has_email(struct ctx *c)
{
	const struct account *a = c->subject;

	return a->email ? ERR_OK : refused(c->service, &account_without_email);
}

static struct mail_order order_of(const struct ctx *c)
{
	return (struct mail_order){ .by = c->caller->identity.account_id,
		.site_url = c->site_url,
		.language = language_tags[c->request->language] };
}

static enum err send_provisioning_email(struct ctx *c)
{
	const struct mail_order order = order_of(c);

	return account_mail_provisioning(c->service, c->subject, &order);
}

static enum err send_reset_password_email(struct ctx *c)
{
	const struct mail_order order = order_of(c);

	return account_mail_reset_password(c->service, c->subject, &order);
}

#define MAIL                                                                                \
	.auth = AUTH_ADMIN, .tag = "Accounts", .subject = &account_subject, .writes = true, \
	.flags = ROW_TELLS_URL, .condition = has_email, .refusals = { &account_without_email }

const struct endpoint account_mails_endpoints[] = {
	{ POST("/api/accounts/{id}/send_provisioning_email"), MAIL, HANDLE(send_provisioning_email),
		.summary = "Send the owner a mail with a fresh provisioning token" },
	{ POST("/api/accounts/{id}/send_reset_password_email"), MAIL,
		HANDLE(send_reset_password_email),
		.summary = "Send the owner a mail with a link that sets a new password" },
	ENDPOINTS_END,
};
