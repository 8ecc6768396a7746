/* account: what is done by hand to accounts that exist. */
#include "account_name.h"
#include "ctl_priv.h"

#include "identity/lock.h"
#include "resources/accounts/account.h"
#include "resources/spaces/space.h"
#include "service/transaction.h"

#define LISTED_DEFAULT 100
#define LISTED_MAX     10000

struct list_input {
	const char *domain;
	int64_t after, limit;
};

static const struct field list_input_fields[] = {
	FIELD_TEXT(list_input, domain, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED | FIELD_DOMAIN,
		.doc = "Domain of a space"),
	FIELD_INT(list_input, after, .in = FIELD_IN_QUERY, .min = 1,
		.doc = "Only accounts with a higher id: the last one of the page before"),
	FIELD_INT(list_input, limit, .in = FIELD_IN_QUERY, .min = 1, .max = LISTED_MAX,
		.doc = "How many; 100 unless told"),
	FIELDS_END,
};

struct password_input {
	const char *username, *domain, *password;
};

static const struct field password_fields[] = {
	FIELD_TEXT(password_input, username, .in = FIELD_IN_PATH,
		.flags = FIELD_REQUIRED | FIELD_NFC, .doc = "User name"),
	FIELD_TEXT(password_input, domain, .in = FIELD_IN_PATH,
		.flags = FIELD_REQUIRED | FIELD_DOMAIN, .doc = "Domain of the account"),
	FIELD_TEXT(password_input, password, .in = FIELD_IN_BODY, .max = ACCOUNT_PASSWORD_MAX,
		.flags = FIELD_REQUIRED | FIELD_SECRET | FIELD_RAW, .doc = "The new password"),
	FIELDS_END,
};

struct delete_input {
	const char *username, *domain;
	bool yes;
};

static const struct field delete_fields[] = {
	FIELD_TEXT(delete_input, username, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED | FIELD_NFC,
		.doc = "User name"),
	FIELD_TEXT(delete_input, domain, .in = FIELD_IN_PATH,
		.flags = FIELD_REQUIRED | FIELD_DOMAIN, .doc = "Domain of the account"),
	FIELD_BOOL(delete_input, yes, .in = FIELD_IN_QUERY, .doc = "Really"),
	FIELDS_END,
};

/* clang-format off */
#define LISTED_FIELDS                                                                               \
	FIELD_INT(account, id),                                                                     \
	FIELD_TEXT(account, username),                                                              \
	FIELD_TEXT(account, domain),                                                                \
	FIELD_BOOL(account, activated),                                                             \
	FIELD_BOOL(account, blocked),                                                               \
	FIELD_BOOL(account, admin),                                                                 \
	FIELD_TEXT(account, email),                                                                 \
	FIELD_TEXT(account, phone),                                                                 \
	FIELD_TEXT(account, display_name),                                                          \
	FIELD_TIME(account, created_at)
/* clang-format on */

static const struct field listed_fields[] = { LISTED_FIELDS, FIELDS_END };
static const struct field shown_fields[] = {
	LISTED_FIELDS,
	FIELD_TIME(account, updated_at),
	FIELD_TEXT(account, ip_address),
	FIELD_TEXT(account, user_agent),
	FIELD_TEXT(account, realm),
	FIELD_TEXT(account, dtmf_protocol),
	FIELD_JSON(account, passwords),
	FIELD_JSON(account, types),
	FIELD_JSON(account, actions),
	FIELD_JSON(account, dictionary),
	FIELDS_END,
};

static enum err list(struct ctl *c, const void *input)
{
	const struct list_input *in = input;
	struct rows rows;
	enum err e = account_list_after(
		&c->service, in->domain, in->after, in->limit ? in->limit : LISTED_DEFAULT, &rows);

	if (e == ERR_OK)
		table_rows(c, listed_fields, rows.items, sizeof(struct account), rows.n);
	return e;
}

static enum err show(struct ctl *c, const void *input)
{
	const struct account_name *in = input;
	struct account account;
	enum err e = account_named(c, in->username, in->domain, &account);

	if (e == ERR_OK)
		table_object(c, shown_fields, &account);
	return e;
}

/* A change to the account of that name, in a transaction. */
struct change {
	struct ctl *ctl;
	const char *username, *domain, *password;
	enum err (*apply)(struct service *s, struct change *change);
	struct account_caller by;
	struct account account; /* as it was, then as it is */
	struct field_errors errors;
};

static enum err change_find_and_apply(struct service *s, void *arg)
{
	struct change *change = arg;
	enum err e = account_named(change->ctl, change->username, change->domain, &change->account);

	field_errors_init(&change->errors, s->arena);
	s->errors = &change->errors;
	return e == ERR_OK ? change->apply(s, change) : e;
}

static enum err change_run(struct ctl *c, struct change *change)
{
	enum err e = space_by_domain(&c->service, change->domain, &change->by.space);

	change->ctl = c;
	if (e == ERR_OK)
		e = service_change(&c->service, change_find_and_apply, change);
	return change->errors.count ? refuse_fields(c, &change->errors) : e;
}

static enum err apply_block(struct service *s, struct change *change)
{
	return account_set_blocked(s, &change->by, &change->account, true, &change->account);
}

static enum err apply_unblock(struct service *s, struct change *change)
{
	return account_set_blocked(s, &change->by, &change->account, false, &change->account);
}

static enum err apply_delete(struct service *s, struct change *change)
{
	return account_delete(s, &change->account);
}

static enum err apply_password(struct service *s, struct change *change)
{
	const struct account *now = &change->account;
	const struct account_input wanted = {
		.username = now->username,
		.password = change->password,
		.email = now->email,
		.phone = now->phone,
		.display_name = now->display_name,
		.dtmf_protocol = now->dtmf_protocol,
	};

	return account_update(s, &change->by, now, &wanted, &change->account);
}

static enum err block(struct ctl *c, const void *input)
{
	const struct account_name *in = input;
	enum err e = change_run(
		c, &(struct change){
			   .username = in->username, .domain = in->domain, .apply = apply_block });

	if (e == ERR_OK)
		say(c, "%s@%s is refused everywhere; its sessions have ended.", in->username,
			in->domain);
	return e;
}

static enum err unblock(struct ctl *c, const void *input)
{
	const struct account_name *in = input;
	enum err e = change_run(c,
		&(struct change){
			.username = in->username, .domain = in->domain, .apply = apply_unblock });

	if (e == ERR_OK)
		say(c, "%s@%s is let in again.", in->username, in->domain);
	return e;
}

static enum err set_password(struct ctl *c, const void *input)
{
	const struct password_input *in = input;
	enum err e = change_run(c, &(struct change){ .username = in->username,
					   .domain = in->domain,
					   .password = in->password,
					   .apply = apply_password });

	if (e == ERR_OK)
		say(c, "%s@%s has the new password; its sessions have ended.", in->username,
			in->domain);
	return e;
}

static enum err remove_account(struct ctl *c, const void *input)
{
	const struct delete_input *in = input;
	struct account account;
	enum err e = account_named(c, in->username, in->domain, &account);

	if (e == ERR_OK && !in->yes)
		return refuse(c, ERR_INVALID,
			"%s@%s and all that belongs to it would be deleted, and the name not be "
			"given away again; with --yes they are.",
			in->username, in->domain);
	if (e == ERR_OK)
		e = change_run(c, &(struct change){ .username = in->username,
					  .domain = in->domain,
					  .apply = apply_delete });
	if (e == ERR_OK)
		say(c, "%s@%s is deleted.", in->username, in->domain);
	return e;
}

static enum err forget_guesses(struct service *s, void *account)
{
	const struct account *a = account;

	return lock_clear(s, a->username, a->domain);
}

static enum err unlock(struct ctl *c, const void *input)
{
	const struct account_name *in = input;
	struct account account;
	enum err e = account_named(c, in->username, in->domain, &account);

	if (e == ERR_OK)
		e = service_change(&c->service, forget_guesses, &account);
	if (e == ERR_OK)
		say(c, "The wrong passwords for %s@%s are forgotten.", account.username,
			account.domain);
	return e;
}

#define OF_ONE account_name_fields, sizeof(struct account_name)

const struct command account_commands[] = {
	{ "account list", list_input_fields, sizeof(struct list_input), NEEDS_DATABASE, list,
		"List the accounts of a space, by id" },
	{ "account show", OF_ONE, NEEDS_RULES, show, "Show one account" },
	{ "account password", password_fields, sizeof(struct password_input), NEEDS_RULES | CHANGES,
		set_password, "Give an account another password, and end all its sessions" },
	{ "account block", OF_ONE, NEEDS_RULES | CHANGES, block,
		"Refuse an account everywhere, and end its sessions" },
	{ "account unblock", OF_ONE, NEEDS_RULES | CHANGES, unblock,
		"Let a blocked account in again" },
	{ "account unlock", OF_ONE, NEEDS_RULES | CHANGES, unlock,
		"Forget the wrong passwords for which logins of an account are refused" },
	{ "account delete", delete_fields, sizeof(struct delete_input), NEEDS_RULES | CHANGES,
		remove_account, "Delete an account and all that belongs to it" },
	{ 0 },
};
