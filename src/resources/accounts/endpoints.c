/* Accounts (accounts-api I.5 to I.7). */
#include "http/ctx.h"
#include "service/caller.h"
#include "service/service.h"

#include <string.h>

#include "resources/accounts/account.h"
#include "resources/accounts/policy.h"

#define USERNAME_MAX 64
#define PASSWORD_MAX 1024
#define EMAIL_MAX    254
#define NAME_MAX     255
#define DOMAIN_MAX   253

/* "user@domain", with or without "sip:"; anything else names nobody (accounts-api 1.1). */
static enum text_id sip_check(struct str s)
{
	return memchr(s.p, '@', s.n) ? TEXT_OK : TEXT_FORMAT;
}

struct by_id {
	int64_t id;
};

struct by_text {
	const char *text;
};

struct page_query {
	const char *page;
};

static const struct field by_id_fields[] = {
	FIELD_INT(by_id, id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1,
		.doc = "Identifier of the account"),
	FIELDS_END,
};
static const struct field by_sip_fields[] = {
	FIELD_TEXT_AS(by_text, text, "sip", .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.check = sip_check, .doc = "user@domain", .example = "alice@sip.example.org"),
	FIELDS_END,
};
static const struct field by_email_fields[] = {
	FIELD_TEXT_AS(by_text, text, "email", .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.doc = "E-mail address, in any case", .example = "alice@example.org"),
	FIELDS_END,
};
static const struct field page_query_fields[] = {
	FIELD_TEXT(page_query, page, .in = FIELD_IN_QUERY, .doc = "Page, from 1", .example = "1"),
	FIELDS_END,
};

/* clang-format off */
#define ACCOUNT_INPUT_FIELDS(password_flags)                                                        \
	FIELD_TEXT(account_input, username, .flags = FIELD_REQUIRED, .max = USERNAME_MAX,           \
		.check = account_username_check, .doc = "Local part of the SIP address",            \
		.example = "alice.example"),                                                        \
	FIELD_TEXT(account_input, password, .flags = FIELD_SECRET | FIELD_RAW | password_flags,     \
		.max = PASSWORD_MAX, .doc = "Only its HA1 is stored"),                              \
	FIELD_TEXT(account_input, algorithm, .doc = "MD5 or SHA-256; the space's default if absent",\
		.example = "SHA-256"),                                                              \
	FIELD_TEXT(account_input, domain, .max = DOMAIN_MAX, .check = account_domain_check,         \
		.doc = "Honoured from super administrators"),                                       \
	FIELD_TRI(account_input, activated, .doc = "May register; false when a new one says nothing"),\
	FIELD_TEXT(account_input, display_name, .max = NAME_MAX, .doc = "Name shown to people"),    \
	FIELD_TEXT(account_input, email, .max = EMAIL_MAX, .check = account_email_check,            \
		.doc = "E-mail address", .example = "alice@example.org"),                           \
	FIELD_TRI(account_input, admin, .doc = "Administers the space"),                            \
	FIELD_TEXT(account_input, phone, .check = account_phone_check,                              \
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
	FIELD_INT(account_input, id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1,
		.doc = "Identifier of the account"),
	ACCOUNT_INPUT_FIELDS(0),
	FIELD_TRI(account_input, blocked, .doc = "Refused everywhere until unblocked"),
	FIELDS_END,
};

static const struct shape by_id_shape = { "ById", by_id_fields, sizeof(struct by_id) };
static const struct shape by_sip_shape = { "BySip", by_sip_fields, sizeof(struct by_text) };
static const struct shape by_email_shape = { "ByEmail", by_email_fields, sizeof(struct by_text) };
static const struct shape page_query_shape = { "PageQuery", page_query_fields,
	sizeof(struct page_query) };
static const struct shape account_new_shape = { "AccountNew", account_new_fields,
	sizeof(struct account_input) };
static const struct shape account_change_shape = { "AccountChange", account_change_fields,
	sizeof(struct account_input) };

static const char *space_domain(struct ctx *c)
{
	return c->caller->space->domain;
}

static struct account_caller account_caller_of(struct ctx *c)
{
	return (struct account_caller){ .super = c->caller->identity.super,
		.account_id = c->caller->identity.account_id,
		.space = c->caller->space };
}

static const char *base_url(struct ctx *c)
{
	const char *configured = c->service->settings->public_url;

	return *configured ? configured : arena_printf(c->arena, "https://%s", c->request->host);
}

static enum err list(struct ctx *c, const void *input)
{
	const struct page_query *in = input;
	uint64_t page = 1;
	struct account *items;
	size_t count;
	int64_t total;

	if (!str_to_uint(str_from(in->page), INT32_MAX, &page) || page == 0)
		page = 1;
	enum err e =
		account_list(c->service, space_domain(c), (int64_t)page, &items, &count, &total);

	if (e != ERR_OK)
		return e;
	return reply_page(c, &(struct reply_page){ .items = items,
				     .count = count,
				     .total = total,
				     .page = (int64_t)page,
				     .per_page = ACCOUNT_PAGE_SIZE,
				     .base_url = base_url(c) });
}

static enum err show(struct ctx *c, const void *input)
{
	const struct by_id *in = input;
	struct account found;
	enum err e = account_get(c->service, space_domain(c), in->id, &found);

	return e == ERR_OK ? reply_object(c, &found) : e;
}

/* Cuts "sip:alice@sip.example.org" in two. */
static void split_sip(
	struct ctx *c, const char *sip, const char **ret_user, const char **ret_domain)
{
	struct str rest = str_from(sip);

	for (size_t i = 0; i < 2; i++) {
		const char *scheme = (const char *[]){ "sip:", "sips:" }[i];

		if (str_starts(rest, scheme))
			rest = str_from(rest.p + strlen(scheme));
	}
	struct str user = str_split(&rest, '@');

	*ret_user = arena_strndup(c->arena, user.p, user.n);
	*ret_domain = arena_strndup(c->arena, rest.p ? rest.p : "", rest.n);
}

static enum err reply_found(struct ctx *c, enum account_by by, const char *value)
{
	struct account found;
	enum err e = account_find(c->service, space_domain(c), by, value, &found);

	return e == ERR_OK ? reply_object(c, &found) : e;
}

static enum err search(struct ctx *c, const void *input)
{
	const struct by_text *in = input;
	const char *user, *domain;

	split_sip(c, in->text, &user, &domain);
	if (strcmp(domain, space_domain(c)) != 0)
		return ERR_NOT_FOUND;
	return reply_found(c, ACCOUNT_BY_USERNAME, user);
}

static enum err search_by_email(struct ctx *c, const void *input)
{
	return reply_found(c, ACCOUNT_BY_EMAIL, ((const struct by_text *)input)->text);
}

static enum err info(struct ctx *c, const void *input)
{
	const struct by_text *in = input;
	const char *user, *domain;
	struct account_info found;
	enum err e;

	split_sip(c, in->text, &user, &domain);
	e = account_get_info(c->service, domain, user, &found);
	return e == ERR_OK ? reply_object(c, &found) : e;
}

static enum err create_check(struct ctx *c, const void *input)
{
	struct account_caller by = account_caller_of(c);

	return account_create_check(c->service, &by, input, &c->errors);
}

static enum err create(struct ctx *c, const void *input)
{
	struct account_caller by = account_caller_of(c);
	struct account made;
	enum err e = account_create(c->service, &by, input, &c->errors, &made);

	return e == ERR_OK ? reply_object(c, &made) : e;
}

static enum err change_check(struct ctx *c, const void *input)
{
	struct account_caller by = account_caller_of(c);

	return account_update_check(c->service, &by, input, &c->errors);
}

static enum err change(struct ctx *c, const void *input)
{
	struct account_caller by = account_caller_of(c);
	struct account changed;
	enum err e = account_update(c->service, &by, input, &c->errors, &changed);

	return e == ERR_OK ? reply_object(c, &changed) : e;
}

static enum err delete (struct ctx *c, const void *input) {
	const struct by_id *in = input;
	enum err e = account_delete(c->service, space_domain(c), in->id);

	return e == ERR_OK ? reply_nothing(c) : e;
}

static enum err me(struct ctx *c, const void *input)
{
	struct service *s = c->service;
	const struct identity *who = &c->caller->identity;
	struct account found;
	enum err e;

	(void)input;
	if (who->account) {
		e = account_open(s, who->account);
		return e == ERR_OK ? reply_object(c, who->account) : e;
	}
	e = account_get(s, who->domain, who->account_id, &found);
	return e == ERR_OK ? reply_object(c, &found) : e;
}

static enum err delete_me(struct ctx *c, const void *input)
{
	const struct identity *who = &c->caller->identity;
	enum err e = account_delete(c->service, who->domain, who->account_id);

	(void)input;
	return e == ERR_OK ? reply_count(c, 1) : e;
}

const struct endpoint accounts_endpoints[] = {
	{
		.method = METHOD_GET,
		.path = "/api/accounts",
		.auth = AUTH_ADMIN,
		.in = &page_query_shape,
		.result = RESULT_PAGE,
		.out = &account_shape,
		.reader = READER_LIST,
		.handle = list,
		.tag = "Accounts",
		.summary = "List the accounts of the space, 20 a page",
	},
	{
		.method = METHOD_POST,
		.path = "/api/accounts",
		.auth = AUTH_ADMIN,
		.flags = ENDPOINT_WRITES,
		.in = &account_new_shape,
		.result = RESULT_OBJECT,
		.out = &account_shape,
		.reader = READER_ADMIN,
		.errors = { ERR_SPACE_FULL },
		.check = create_check,
		.handle = create,
		.tag = "Accounts",
		.summary = "Create an account",
	},
	{
		.method = METHOD_GET,
		.path = "/api/accounts/{id}",
		.auth = AUTH_ADMIN,
		.in = &by_id_shape,
		.result = RESULT_OBJECT,
		.out = &account_shape,
		.reader = READER_SHOW,
		.errors = { ERR_NOT_FOUND },
		.handle = show,
		.tag = "Accounts",
		.summary = "Read one account",
	},
	{
		.method = METHOD_PUT,
		.path = "/api/accounts/{id}",
		.auth = AUTH_ADMIN,
		.flags = ENDPOINT_WRITES,
		.in = &account_change_shape,
		.result = RESULT_OBJECT,
		.out = &account_shape,
		.reader = READER_ADMIN,
		.errors = { ERR_NOT_FOUND, ERR_CONFLICT },
		.check = change_check,
		.handle = change,
		.tag = "Accounts",
		.summary = "Replace an account; what is absent is cleared, the password stays",
	},
	{
		.method = METHOD_DELETE,
		.path = "/api/accounts/{id}",
		.auth = AUTH_ADMIN,
		.flags = ENDPOINT_WRITES,
		.in = &by_id_shape,
		.result = RESULT_NOTHING,
		.errors = { ERR_NOT_FOUND },
		.handle = delete,
		.tag = "Accounts",
		.summary = "Delete an account and all that belongs to it",
	},
	{
		.method = METHOD_GET,
		.path = "/api/accounts/me",
		.auth = AUTH_USER,
		.flags = ENDPOINT_WITH_ACCOUNT,
		.result = RESULT_OBJECT,
		.out = &account_shape,
		.reader = READER_SELF,
		.handle = me,
		.tag = "My account",
		.summary = "Read the account that calls",
	},
	{
		.method = METHOD_DELETE,
		.path = "/api/accounts/me",
		.auth = AUTH_USER,
		.flags = ENDPOINT_WRITES,
		.result = RESULT_COUNT,
		.handle = delete_me,
		.tag = "My account",
		.summary = "Delete the account that calls",
	},
	{
		.method = METHOD_GET,
		.path = "/api/accounts/{sip}/search",
		.auth = AUTH_ADMIN,
		.in = &by_sip_shape,
		.result = RESULT_OBJECT,
		.out = &account_shape,
		.reader = READER_ADMIN,
		.errors = { ERR_NOT_FOUND },
		.handle = search,
		.tag = "Accounts",
		.summary = "Find an account by its SIP address",
	},
	{
		.method = METHOD_GET,
		.path = "/api/accounts/{email}/search-by-email",
		.auth = AUTH_ADMIN,
		.in = &by_email_shape,
		.result = RESULT_OBJECT,
		.out = &account_shape,
		.reader = READER_ADMIN,
		.errors = { ERR_NOT_FOUND },
		.handle = search_by_email,
		.tag = "Accounts",
		.summary = "Find an account by its e-mail address",
	},
	{
		.method = METHOD_GET,
		.path = "/api/accounts/{sip}/info",
		.auth = AUTH_PUBLIC,
		.in = &by_sip_shape,
		.result = RESULT_OBJECT,
		.out = &account_info_shape,
		.errors = { ERR_NOT_FOUND },
		.handle = info,
		.tag = "Accounts",
		.summary = "Tell whether an account exists and is activated",
	},
	ENDPOINTS_END,
};
