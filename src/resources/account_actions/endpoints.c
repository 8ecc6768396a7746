/* Actions of accounts (accounts-api I.13). */
#include "base/syntax.h"
#include "http/ctx.h"
#include "resources/account_actions/account_action.h"
#include "service/refusal.h"

static const struct field action_input_fields[] = {
	FIELD_TEXT(account_action, key, .flags = FIELD_REQUIRED, .max = ACCOUNT_ACTION_TEXT_MAX,
		.check = key_check, .doc = "Lower-case letters, digits, - and _",
		.example = "open-door"),
	FIELD_TEXT(account_action, code, .flags = FIELD_REQUIRED, .max = ACCOUNT_ACTION_TEXT_MAX,
		.check = code_check, .doc = "Lower-case letters and digits", .example = "1a"),
	FIELDS_END,
};
static const struct shape action_input_shape = { "AccountActionInput", action_input_fields,
	sizeof(struct account_action) };

static enum err actions_allowed(struct ctx *c)
{
	return account_action_allowed(c->service, c->subject);
}

/* An action, where the account may have some. */
static enum err action_is_there(struct ctx *c)
{
	const struct account_action *a = c->subject;
	enum err e = account_action_allowed(c->service, a);

	return e == ERR_OK && a->id == 0 ? ERR_NOT_FOUND : e;
}

static enum err account_action_show(struct ctx *c)
{
	*(struct account_action *)c->out = *(const struct account_action *)c->subject;
	return ERR_OK;
}

static enum err account_action_add(struct ctx *c)
{
	return account_action_create(c->service, c->subject, c->in, c->out);
}

static enum err account_action_change(struct ctx *c)
{
	return account_action_update(c->service, c->subject, c->in, c->out);
}

static enum err account_action_remove(struct ctx *c)
{
	return account_action_delete(c->service, c->subject, c->out);
}

#define ACTIONS .auth = AUTH_ADMIN, .tag = "Account actions"
#define ALL     .subject = &account_actions_subject, .condition = actions_allowed
#define ONE     .subject = &account_action_subject, .condition = action_is_there
#define ACTION  .out = &account_action_shape
#define INPUT   .writes = true, .in = &action_input_shape

const struct endpoint account_actions_endpoints[] = {
	{ GET("/api/accounts/{id}/actions"), ACTIONS, ALL, ACTION, .result = RESULT_LIST,
		.refusals = { &account_action_no_dtmf }, .reads = { &account_actions_of },
		HANDLE_AS(reply_read, "account_actions_list"),
		.summary = "List the actions of an account that sends DTMF" },
	{ POST("/api/accounts/{id}/actions"), ACTIONS, ALL, ACTION, INPUT, .status = 201,
		.refusals = { &account_action_no_dtmf, &limit_reached }, HANDLE(account_action_add),
		.summary = "Give an account an action",
		.example = "{\"key\":\"open-door\",\"code\":\"1a\"}" },
	{ GET("/api/accounts/{id}/actions/{action_id}"), ACTIONS, ONE, ACTION,
		.refusals = { &account_action_no_dtmf }, HANDLE(account_action_show),
		.summary = "Read one action" },
	{ PUT("/api/accounts/{id}/actions/{action_id}"), ACTIONS, ONE, ACTION, INPUT,
		.refusals = { &account_action_no_dtmf }, HANDLE(account_action_change),
		.summary = "Replace an action", .example = "{\"key\":\"close\",\"code\":\"2\"}" },
	{ DELETE("/api/accounts/{id}/actions/{action_id}"), ACTIONS,
		.subject = &account_action_subject, .condition = actions_allowed, .writes = true,
		.result = RESULT_COUNT, .refusals = { &account_action_no_dtmf },
		HANDLE(account_action_remove), .summary = "Delete an action" },
	ENDPOINTS_END,
};
