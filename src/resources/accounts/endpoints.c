/* Accounts (accounts-api I.5 to I.7). */
#include "http/ctx.h"
#include "http/paging.h"
#include "service/caller.h"
#include "service/service.h"

#include "base/syntax.h"
#include "phone/phone.h"
#include "resources/accounts/account.h"
#include "resources/accounts/input.h"

/* clang-format off */
#define ACCOUNT_INPUT_FIELDS(password_flags)                                                        \
	ACCOUNT_LOGIN_FIELDS(account_input, , FIELD_REQUIRED, password_flags,                       \
		"Honoured from super administrators"),                                              \
	FIELD_TRI(account_input, activated, .doc = "May register; false when a new one says nothing"),\
	FIELD_TEXT(account_input, display_name, .max = ACCOUNT_DISPLAY_NAME_MAX, .doc = "Name shown to people"),    \
	FIELD_TEXT(account_input, email, .max = ACCOUNT_EMAIL_MAX, .check = email_check,            \
		.doc = "E-mail address", .example = "alice@example.org"),                           \
	FIELD_TRI(account_input, admin, .doc = "Administers the space"),                            \
	FIELD_TEXT(account_input, phone, .check = phone_number_check,                              \
		.doc = "Phone number, E.164", .example = "+33612345678"),                           \
	FIELD_TEXT(account_input, dtmf_protocol, .one_of = account_dtmf_protocols,                  \
		.doc = "How it sends DTMF"),                                                        \
	FIELD_DICT(account_input, dictionary, .doc = "Free texts by key")
/* clang-format on */

static const struct field account_new_fields[] = {
	ACCOUNT_INPUT_FIELDS(FIELD_REQUIRED),
	FIELD_STAMP(account_input, confirmation_key_expires,
		.doc = "End of the confirmation key of an account that is not activated",
		.example = "\"2030-01-31 23:59:59\""),
	FIELDS_END,
};
static const struct field account_change_fields[] = {
	ACCOUNT_INPUT_FIELDS(0),
	FIELD_TRI(account_input, blocked, .doc = "Refused everywhere until unblocked"),
	FIELDS_END,
};

static const struct shape account_new_shape = { "AccountNew", account_new_fields,
	sizeof(struct account_input) };
static const struct shape account_change_shape = { "AccountChange", account_change_fields,
	sizeof(struct account_input) };

static struct account_caller account_caller_of(const struct ctx *c)
{
	return (struct account_caller){ .super = c->caller->identity.super,
		.account_id = c->caller->identity.account_id,
		.space = c->caller->space };
}

static enum err account_list_page(struct ctx *c)
{
	const struct rows *accounts = c->read[0];
	const struct counted *all = c->read[1];

	*(struct page *)c->out = (struct page){ accounts->items, accounts->n, all->count,
		c->key->page, ACCOUNT_PAGE_SIZE };
	return ERR_OK;
}

static enum err account_show(struct ctx *c)
{
	*(struct account *)c->out = *(const struct account *)c->subject;
	return account_show_codes(c->service, c->out);
}

static enum err account_show_info(struct ctx *c)
{
	if (!c->service->settings->public_account_info)
		return ERR_NOT_FOUND;
	*(struct account_info *)c->out = *(const struct account_info *)c->subject;
	return ERR_OK;
}

static enum err account_add(struct ctx *c)
{
	struct account_caller by = account_caller_of(c);

	by.last = true;
	return account_create(c->service, &by, c->in, c->out);
}

static enum err account_change(struct ctx *c)
{
	struct account_caller by = account_caller_of(c);

	return account_update(c->service, &by, c->subject, c->in, c->out);
}

static enum err account_block(struct ctx *c)
{
	struct account_caller by = account_caller_of(c);

	return account_set_blocked(c->service, &by, c->subject, true, c->out);
}

static enum err account_unblock(struct ctx *c)
{
	struct account_caller by = account_caller_of(c);

	return account_set_blocked(c->service, &by, c->subject, false, c->out);
}

static enum err account_remove(struct ctx *c)
{
	return account_delete(c->service, c->subject);
}

static enum err me_show(struct ctx *c)
{
	const struct caller *by = c->caller;
	enum err e = account_of_caller(c->service, &by->identity, c->out);

	/* A phone's password is not the second factor that the document behind the token asks for. */
	if (e == ERR_OK && by->identity.method == IDENTITY_DIGEST && by->identity.second_factor)
		account_hide_provisioning(c->out);
	return e;
}

static enum err me_delete(struct ctx *c)
{
	*(int64_t *)c->out = 1;
	return account_delete_own(c->service, &c->caller->identity);
}

#define ACCOUNTS .auth = AUTH_ADMIN, .tag = "Accounts"
#define MINE     .auth = AUTH_USER, .tag = "My account"
#define ACCOUNT  .out = &account_shape

const struct endpoint accounts_endpoints[] = {
	{ GET("/api/accounts"), ACCOUNTS, .in = &paging_shape, .result = RESULT_PAGE, ACCOUNT,
		.reader = READER_LIST, .reads = { &accounts_page, &accounts_count },
		HANDLE(account_list_page), .summary = "List the accounts of the space, 20 a page" },
	{ POST("/api/accounts"), ACCOUNTS, .writes = true, .flags = ROW_ON_BAD_FIELDS,
		.in = &account_new_shape, ACCOUNT, .reader = READER_ADMIN,
		.refusals = { &space_full }, HANDLE(account_add), .summary = "Create an account",
		.example = "{\"username\":\"robin.example\",\"password\":\"correct horse\","
			   "\"algorithm\":\"SHA-256\",\"activated\":true}" },
	{ GET("/api/accounts/{id}"), ACCOUNTS, .subject = &account_subject, ACCOUNT,
		.reader = READER_SHOW, HANDLE(account_show), .summary = "Read one account" },
	{ PUT("/api/accounts/{id}"), ACCOUNTS, .subject = &account_subject, .writes = true,
		.flags = ROW_ON_BAD_FIELDS | ROW_BODY_FIRST, .in = &account_change_shape, ACCOUNT,
		.reader = READER_ADMIN, .errors = { ERR_CONFLICT }, HANDLE(account_change),
		.summary = "Replace an account; what is absent is cleared, the password stays",
		.example = "{\"username\":\"robin.example\",\"password\":\"correct horse\","
			   "\"display_name\":\"Alice\"}" },
	{ DELETE("/api/accounts/{id}"), ACCOUNTS, .subject = &account_subject, .writes = true,
		.flags = ROW_AT_ONCE, HANDLE(account_remove),
		.summary = "Delete an account and all that belongs to it" },
	{ POST("/api/accounts/{id}/block"), ACCOUNTS, .subject = &account_subject, .writes = true,
		.flags = ROW_AT_ONCE, ACCOUNT, .reader = READER_ADMIN, .errors = { ERR_CONFLICT },
		HANDLE(account_block),
		.summary = "Refuse an account everywhere and end its sessions" },
	{ POST("/api/accounts/{id}/unblock"), ACCOUNTS, .subject = &account_subject, .writes = true,
		.flags = ROW_AT_ONCE, ACCOUNT, .reader = READER_ADMIN, HANDLE(account_unblock),
		.summary = "Let a blocked account in again" },
	{ GET("/api/accounts/me"), MINE, .flags = ROW_WITH_ACCOUNT, .open_to = OPEN_PHONE, ACCOUNT,
		.reader = READER_SELF, HANDLE(me_show), .summary = "Read the account that calls" },
	{ DELETE("/api/accounts/me"), MINE, .writes = true, .flags = ROW_AT_ONCE,
		.result = RESULT_COUNT, HANDLE(me_delete),
		.summary = "Delete the account that calls" },
	{ GET("/api/accounts/{sip}/info"), .auth = AUTH_PUBLIC, .tag = "Accounts",
		.subject = &account_info_by_sip, .out = &account_info_shape,
		HANDLE(account_show_info),
		.summary = "Tell whether an account exists and is activated" },
	ENDPOINTS_END,
};
