/* Whether an account is activated, and how its phones are provisioned (accounts-api I.6, I.7, 9.3). */
#include "http/ctx.h"
#include "resources/accounts/account.h"

static enum err set_activated(struct ctx *c, bool activated)
{
	return account_set_activated(c->service, c->subject, activated, c->out);
}

static enum err account_activate(struct ctx *c)
{
	return set_activated(c, true);
}

static enum err account_deactivate(struct ctx *c)
{
	return set_activated(c, false);
}

/* What clients of 2022 call; the same path takes a POST. */
static enum err set_activated_by_get(struct ctx *c, bool activated)
{
	if (c->service->settings->legacy_get_activate)
		return set_activated(c, activated);
	reply_header(c, "Allow", "POST");
	return ERR_METHOD_NOT_ALLOWED;
}

static enum err account_activate_by_get(struct ctx *c)
{
	return set_activated_by_get(c, true);
}

static enum err account_deactivate_by_get(struct ctx *c)
{
	return set_activated_by_get(c, false);
}

static enum err account_provision_anew(struct ctx *c)
{
	const struct account *a = c->subject;

	return account_provision(c->service, a->domain, a->id, c->out);
}

static enum err me_provision(struct ctx *c)
{
	const struct identity *who = &c->caller->identity;

	return account_provision(c->service, who->domain, who->account_id, c->out);
}

#define ACCOUNT .out = &account_shape, .writes = true
#define OF_ONE \
	.auth = AUTH_ADMIN, .tag = "Accounts", .subject = &account_subject, .reader = READER_ADMIN
#define BY_GET .flags = ROW_SIDE_EFFECT | ROW_NO_COOKIE

const struct endpoint accounts_state_endpoints[] = {
	{ POST("/api/accounts/{id}/activate"), OF_ONE, ACCOUNT, .flags = ROW_AT_ONCE,
		HANDLE(account_activate), .summary = "Let an account register at a SIP server" },
	{ GET("/api/accounts/{id}/activate"), OF_ONE, ACCOUNT, BY_GET,
		.errors = { ERR_METHOD_NOT_ALLOWED }, .exchanges = 3,
		HANDLE(account_activate_by_get), .summary = "The same, for clients of 2022" },
	{ POST("/api/accounts/{id}/deactivate"), OF_ONE, ACCOUNT, .flags = ROW_AT_ONCE,
		HANDLE(account_deactivate),
		.summary = "Keep an account from registering until an administrator activates it" },
	{ GET("/api/accounts/{id}/deactivate"), OF_ONE, ACCOUNT, BY_GET,
		.errors = { ERR_METHOD_NOT_ALLOWED }, .exchanges = 3,
		HANDLE(account_deactivate_by_get), .summary = "The same, for clients of 2022" },
	{ GET("/api/accounts/{id}/provision"), OF_ONE, ACCOUNT, BY_GET, .exchanges = 3,
		HANDLE(account_provision_anew),
		.summary = "Make a fresh provisioning token; the one before opens nothing" },
	{ GET("/api/accounts/me/provision"), .auth = AUTH_USER, .tag = "My account", ACCOUNT,
		.reader = READER_SELF, BY_GET, .exchanges = 3, HANDLE(me_provision),
		.summary = "Make a fresh provisioning token; the one before opens nothing" },
	ENDPOINTS_END,
};
