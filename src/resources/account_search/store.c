#include "resources/account_search/account_search.h"

#include "pg/pg.h"
#include "resources/accounts/account.h"
#include "service/subject_call.h"

enum { FOUND_BY_SIP, FOUND_BY_EMAIL, FOUND_STMTS };

#define FINDER(stmt_name, where)                                                             \
	{                                                                                    \
		.name = stmt_name, SUBJECT_KEY, .row = found_account_fields,                 \
		.row_size = sizeof(struct found_account), .rows = PG_MAY_ONE,                \
		.sql = "SELECT {row a} FROM accounts a WHERE a.domain = $domain AND " where, \
	}

const struct stmt account_search_stmts[FOUND_STMTS + 1] = {
	[FOUND_BY_SIP] = FINDER("account_search_sip", "a.username = $name"),
	[FOUND_BY_EMAIL] = FINDER("account_search_email",
		"lower(a.email) = lower($name) ORDER BY a.email_rank LIMIT 1"),
};

static enum err complete(struct service *s, void *row)
{
	struct found_account *f = row;

	return account_complete(s, &f->account);
}

static const struct field email_in_path[] = {
	FIELD_TEXT_AS(subject_key, name, "email", .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.doc = "E-mail address, in any case", .example = "alice@example.org"),
	FIELDS_END,
};

const struct subject found_account_by_sip = { .name = "account",
	.path = account_sip_in_path,
	.key = account_key_in_space,
	.find = &account_search_stmts[FOUND_BY_SIP],
	.complete = complete };
const struct subject found_account_by_email = { .name = "account",
	.path = email_in_path,
	.find = &account_search_stmts[FOUND_BY_EMAIL],
	.complete = complete };
