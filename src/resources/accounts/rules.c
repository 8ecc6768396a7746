#include "resources/accounts/account.h"

#include <string.h>

#include "base/clock.h"
#include "identity/lock.h"
#include "phone/phone.h"
#include "resources/accounts/policy.h"
#include "resources/phone_countries/phone_country.h"
#include "resources/spaces/space.h"
#include "service/audit.h"
#include "service/constraint.h"
#include "service/refusal.h"
#include "accounts_priv.h"

#define NO_ACCOUNT (-1) /* the id of none */

const struct refusal space_full = { 403, "space_full", "This space cannot hold more accounts." };

/* Inside its own space. */
static enum err account_get(struct service *s, const char *domain, int64_t id, struct account *ret)
{
	enum err e = account_store_by_id(s, domain, id, ret);

	return e == ERR_OK ? account_open(s, ret) : e;
}

enum err account_find(struct service *s, const char *domain, enum account_by by, const char *value,
	struct account *ret)
{
	enum err e = account_store_find(s, domain, by, value, ret);

	return e == ERR_OK ? account_open(s, ret) : e;
}

enum err account_of_caller(struct service *s, const struct identity *who, struct account *ret)
{
	if (!who->account)
		return account_get(s, who->domain, who->account_id, ret);
	*ret = *who->account;
	return account_open(s, ret);
}

void account_hide_provisioning(struct account *a)
{
	a->provisioning_token = NULL;
	a->provisioning_token_expire_at = 0;
}

/* The space the account will be in (accounts-api 2.4): a super admin may name another one. For others it is theirs
 * whatever they name, looked up all the same: neither answer nor time tells which domains there are. */
static enum err target_space(struct service *s, const struct account_caller *by, const char *domain,
	const struct space **ret)
{
	const struct space *named = by->space;
	enum err e = domain ? space_by_domain(s, domain, &named) : ERR_OK;

	if (e == ERR_OK && by->super && !named)
		e = ERR_FORBIDDEN;
	*ret = by->super ? named : by->space;
	return e;
}

static const struct constraint_text taken_after_all[] = {
	{ "accounts_username_key", "username", &text_taken },
	{ "accounts_email_key", "email", &text_taken },
	{ "accounts_phone_key", "phone", &text_taken },
	{ "accounts_domain_fkey", "domain", &text_unknown },
	{ NULL },
};

/* Before anything else is said about the input. Those who come at the same time, or before a limit is known here,
 * are refused by the database: see accounts_take_room(). */
static enum err check_capacity(struct service *s, const struct space *space)
{
	int64_t count;
	enum err e;

	if (space->max_accounts == 0)
		return ERR_OK;
	e = account_store_count(s, space->domain, &count);
	if (e == ERR_OK && count >= space->max_accounts)
		return refused(s, &space_full);
	return e;
}

static void add_taken(struct service *s, const struct account_taken *taken, int64_t self)
{
	if (taken->username || (taken->tombstone && self == 0))
		field_errors_add(s->errors, "username", &text_taken);
	if (taken->email)
		field_errors_add(s->errors, "email", &text_taken);
	if (taken->phone)
		field_errors_add(s->errors, "phone", &text_taken);
	if (taken->country)
		field_errors_add(s->errors, "phone", &text_phone_country);
}

/* Fields that are wrong already are not looked up: they cannot be taken. */
static enum err check_taken(
	struct service *s, const char *domain, struct account_names wanted, int64_t self)
{
	struct phone_number number;
	struct account_taken taken;

	if (wanted.phone && phone_number_parse(str_from(wanted.phone), &number)) {
		wanted.phone = number.e164;
		wanted.calling_code = number.calling_code;
	}
	enum err e = account_store_taken(s, domain, &wanted, self, &taken);

	if (e == ERR_OK)
		add_taken(s, &taken, self);
	return e;
}

enum err account_contact_check(
	struct service *s, const char *domain, const char *email, const char *phone, int64_t self)
{
	return check_taken(
		s, domain, (struct account_names){ .email = email, .phone = phone }, self);
}

/* As it is stored. */
static void set_phone(const struct service *s, const char *phone, struct account_row *row)
{
	struct phone_number number;

	row->phone = phone;
	if (!phone || !phone_number_parse(str_from(phone), &number))
		return;
	row->phone = arena_strdup(s->arena, number.e164);
	row->calling_code = arena_strdup(s->arena, number.calling_code);
}

static bool may_be_a_phone(const struct service *s, enum account_door door)
{
	return door == ACCOUNT_DOOR_PUBLIC ||
	       (door == ACCOUNT_DOOR_ADMIN && s->settings->allow_phone_number_username_admin_api);
}

/* What can be said without the database; adds to s->errors. */
static void check_input(struct service *s, const struct account_caller *by,
	const struct space *space, const struct account_input *in)
{
	bool for_oneself = by->account_id == 0;

	if (in->username)
		account_username_rules(s, space, in->username);
	if (in->username && !may_be_a_phone(s, by->door))
		account_not_phone_rule(s, in->username);
	account_password_rules(s, space, in->password, in->algorithm);
	if (in->password && (for_oneself || s->settings->password_block_list_admin))
		account_common_password_rule(s, in->password);
}

/* With what is taken besides: all that is wrong is told at once. */
static enum err refuse_input(
	struct service *s, const struct space *space, const struct account_input *in, int64_t self)
{
	const struct account_names wanted = {
		.username = in->username, .email = in->email, .phone = in->phone
	};
	enum err e = check_taken(s, space->domain, wanted, self);

	return e == ERR_OK && s->errors->count ? ERR_INVALID : e;
}

static const char *user_agent_of(
	const struct service *s, const struct account_caller *by, const struct space *space)
{
	bool told = s->client.user_agent && by->door != ACCOUNT_DOOR_TOKEN;

	return told ? s->client.user_agent : space->name;
}

static struct account_row row_of(const struct service *s, const struct account_caller *by,
	const struct space *space, const struct account_input *in)
{
	struct account_row row = {
		.username = in->username,
		.domain = space->domain,
		.email = in->email,
		.display_name = in->display_name,
		.dtmf_protocol = in->dtmf_protocol,
		.activated = in->activated,
		.blocked = in->blocked,
		.admin = in->admin,
		.dictionary = in->dictionary,
		.ip_address = s->client.ip,
		.user_agent = user_agent_of(s, by, space),
	};

	set_phone(s, in->phone, &row);
	return row;
}

static enum err set_provisioning(struct service *s, struct account_row *row)
{
	int64_t minutes = s->settings->provisioning_token_expiration_minutes;

	if (minutes)
		row->provisioning.expires_at = clock_wall_us() + minutes * CLOCK_MINUTE_US;
	return account_make_token(s, account_provisioning_context, &row->provisioning);
}

static enum err set_tokens(
	struct service *s, const struct account_input *in, struct account_row *row)
{
	enum err e = set_provisioning(s, row);

	if (e != ERR_OK)
		return e;
	if (in->activated == TRI_TRUE)
		return ERR_OK;
	row->confirmation.expires_at = in->confirmation_key_expires;
	return account_make_token(s, account_confirmation_context, &row->confirmation);
}

static enum err insert(
	struct service *s, const struct account_row *row, bool last, struct account *ret)
{
	struct account_taken taken;
	enum err e = as_field(s, account_store_insert(s, row, last, &taken, ret), taken_after_all);

	if (e == ERR_INVALID && constraint_is(s, "accounts_capacity"))
		return refused(s, &space_full);
	if (e == ERR_OK)
		add_taken(s, &taken, 0);
	if (e == ERR_OK && s->errors->count)
		e = ERR_INVALID;
	return e == ERR_OK ? account_open(s, ret) : e;
}

enum err account_create(struct service *s, const struct account_caller *by,
	const struct account_input *in, struct account *ret)
{
	const struct space *space;
	enum err e = target_space(s, by, in->domain, &space);

	if (e == ERR_OK)
		e = check_capacity(s, space);
	if (e != ERR_OK)
		return e;
	check_input(s, by, space, in);
	if (s->errors->count)
		return refuse_input(s, space, in, 0);
	struct account_row row = row_of(s, by, space, in);

	audit_about(s, row.username, space->domain);
	account_password_hash(s, space, in->username, in->password, in->algorithm, &row.password);
	e = set_tokens(s, in, &row);
	return e == ERR_OK ? insert(s, &row, by->last, ret) : e;
}

/* A new name or realm makes the stored HA1 worthless (R-HASH). */
static bool loses_password(
	const struct account_input *in, const struct space *space, const struct account *now)
{
	bool renamed = in->username && strcmp(in->username, now->username) != 0;
	bool moved = strcmp(space->domain, now->domain) != 0;

	return (renamed || moved) && !in->password && strcmp(now->passwords, "[]") != 0;
}

/* What depends on the account as it is.  ERR_INVALID: the password is missing. */
static enum err check_change(const struct account_caller *by, const struct space *space,
	const struct account *now, const struct account_input *in)
{
	if (!now)
		return ERR_NOT_FOUND;
	if (now->id == by->account_id && (in->admin == TRI_FALSE || in->blocked == TRI_TRUE))
		return ERR_CONFLICT;
	return loses_password(in, space, now) ? ERR_INVALID : ERR_OK;
}

/* What is wrong with the input is told before what is wrong with the change. */
static enum err refuse_change(struct service *s, const struct space *space,
	const struct account *now, const struct account_input *in, enum err change)
{
	enum err e = refuse_input(s, space, in, now ? now->id : NO_ACCOUNT);

	if (e == ERR_OK && change == ERR_INVALID)
		field_errors_add(s->errors, "password", &text_required);
	return e == ERR_OK ? change : e;
}

static enum err update(struct service *s, const struct account_row *row, struct account *ret)
{
	struct account_taken taken;
	enum err e = as_field(s, account_store_update(s, row, &taken, ret), taken_after_all);

	if (e == ERR_OK)
		add_taken(s, &taken, row->id);
	if (e == ERR_OK && s->errors->count)
		e = ERR_INVALID;
	if (e == ERR_OK && row->password.ha1)
		e = lock_clear(s, ret->username, ret->domain);
	return e == ERR_OK ? account_open(s, ret) : e;
}

enum err account_update(struct service *s, const struct account_caller *by,
	const struct account *now, const struct account_input *in, struct account *ret)
{
	const struct space *space;
	enum err e = target_space(s, by, in->domain, &space);

	if (e != ERR_OK)
		return e;
	check_input(s, by, space, in);
	e = check_change(by, space, now, in);
	if (s->errors->count || e != ERR_OK)
		return refuse_change(s, space, now, in, e);
	struct account_row row = row_of(s, by, space, in);

	row.id = now->id;
	row.within = now->domain;
	if (in->password)
		account_password_hash(
			s, space, in->username, in->password, in->algorithm, &row.password);
	return update(s, &row, ret);
}

enum err account_set_blocked(struct service *s, const struct account_caller *by,
	const struct account *a, bool blocked, struct account *ret)
{
	if (blocked && a->id == by->account_id)
		return ERR_CONFLICT;
	enum err e = account_store_set_blocked(s, a, blocked, ret);

	return e == ERR_OK ? account_open(s, ret) : e;
}

enum err account_set_activated(
	struct service *s, const struct account *a, bool activated, struct account *ret)
{
	enum err e = account_store_set_activated(s, a, activated, ret);

	return e == ERR_OK ? account_open(s, ret) : e;
}

enum err account_activate_own(struct service *s, const struct account *a, struct account *ret)
{
	enum err e = account_store_activate_own(s, a, ret);

	return e == ERR_OK ? account_open(s, ret) : e;
}

enum err account_provision(struct service *s, const char *domain, int64_t id, struct account *ret)
{
	struct account_row row = { .id = id,
		.within = domain,
		.ip_address = s->client.ip,
		.user_agent = s->client.user_agent };
	enum err e = set_provisioning(s, &row);

	if (e == ERR_OK)
		e = account_store_rotate_provisioning(s, &row, ret);
	return e == ERR_OK ? account_open(s, ret) : e;
}

enum err account_delete(struct service *s, const struct account *a)
{
	return account_store_delete(s, a->domain, a->id);
}

enum err account_delete_own(struct service *s, const struct identity *who)
{
	return account_store_delete(s, who->domain, who->account_id);
}

/* change: an object that starts with its brace and has members. */
static enum err add_code(struct service *s, struct str sealed, const char **change)
{
	const char *code = NULL;
	enum err e = account_open_token(s, sealed, account_change_code_context, &code);

	if (e == ERR_OK && code && *change)
		*change = arena_printf(s->arena, "{\"code\": \"%s\", %s", code, *change + 1);
	return e;
}

enum err account_show_codes(struct service *s, struct account *a)
{
	struct account_codes codes;
	enum err e;

	if (!s->settings->admin_show_codes || (!a->email_change_code && !a->phone_change_code))
		return ERR_OK;
	e = account_store_codes(s, a->id, &codes);
	if (e == ERR_OK)
		e = add_code(s, codes.email, &a->email_change_code);
	if (e == ERR_OK)
		e = add_code(s, codes.phone, &a->phone_change_code);
	return e;
}
