/* What a space may be, and how it begins and ends (accounts-api II.1). */
#include "spaces_priv.h"

#include <string.h>

#include "base/clock.h"
#include "base/json_fields.h"
#include "resources/spaces/space.h"
#include "service/constraint.h"
#include "service/refusal.h"

#define HUE_UNSET  22
#define DIGEST     "digest_authentication_configuration"
#define ALGORITHM  "SHA-256"
#define NULL_GIVEN "null"

const struct refusal space_is_own = { 409, "space_is_own",
	"This is the space of your own account." };

static const struct text text_ends = { "space_ends",
	"The space that had this {f} is still being removed." };
static const struct text text_past = { "space_past", "The {f} value must not be in the past." };
static const struct text text_in_use = { "space_in_use",
	"The {f} value cannot change while the space has accounts." };
static const struct text text_fewer = { "space_fewer",
	"The {f} value must not be below {n}: so many accounts there are." };
static const struct text text_unique_needed = { "space_unique_needed",
	"The {f} value must be true with an identity provider." };
static const struct text text_shared_emails = { "space_shared_emails",
	"Several accounts have the same e-mail address: {values}." };

static const struct constraint_text taken_after_all[] = {
	{ "spaces_domain_key", "domain", &text_taken },
	{ "spaces_host_key", "host", &text_taken },
	{ "spaces_name_key", "name", &text_taken },
	{ "spaces_check", DIGEST ".default_password_algorithm", &text_forbidden_field },
	{ "accounts_email_key", "unique_email", &text_taken },
	{ NULL },
};

static enum err check_taken(struct service *s, const struct space_record *r)
{
	struct space_taken taken;
	enum err e = space_store_taken(s, r, &taken);

	if (e != ERR_OK)
		return e;
	if (taken.domain)
		field_errors_add(s->errors, "domain", taken.ends ? &text_ends : &text_taken);
	if (taken.host)
		field_errors_add(s->errors, "host", &text_taken);
	if (taken.name)
		field_errors_add(s->errors, "name", &text_taken);
	return ERR_OK;
}

/* The day of an instant, at its beginning. */
static int64_t day_of(int64_t us)
{
	return us - us % CLOCK_DAY_US;
}

/* A day, or an instant. */
static bool read_date(struct arena *arena, const char *text, int64_t *ret)
{
	if (strlen(text) == 10)
		text = arena_printf(arena, "%s 00:00:00", text);
	char *sql = arena_strdup(arena, text);

	if (strlen(sql) > 10 && sql[10] == 'T')
		sql[10] = ' ';
	if (str_from(sql).n && sql[strlen(sql) - 1] == 'Z')
		sql[strlen(sql) - 1] = '\0';
	return clock_sql_parse(str_from(sql), ret);
}

/* One that is over may stay as it is. */
static void read_expiry(struct service *s, const struct space_record *now, struct space_record *r)
{
	const char *text = r->expire_text;

	r->expire_at = 0;
	if (!text)
		return;
	if (!read_date(s->arena, text, &r->expire_at)) {
		field_errors_add(s->errors, "expire_at", &text_date);
		return;
	}
	r->expire_at = day_of(r->expire_at);
	if (r->expire_at < day_of(clock_wall_us()) && !(now && now->expire_at == r->expire_at))
		field_errors_add(s->errors, "expire_at", &text_past);
}

static void check_not_negative(struct service *s, const char *name, int64_t v)
{
	if (v < 0)
		field_errors_add_limit(s->errors, name, &text_min, 0);
}

static void check_numbers(struct service *s, struct space_record *r)
{
	uint64_t hue = HUE_UNSET;

	check_not_negative(s, "max_account", r->max_account);
	check_not_negative(s, "max_accounts", r->max_accounts);
	if (r->hue_text && !str_to_uint(str_from(r->hue_text), SPACE_HUE_MAX, &hue))
		field_errors_add_limit(s->errors, "theme_hue", &text_max, SPACE_HUE_MAX);
	r->theme_hue = (int64_t)hue;
}

/* clang-format off */
static const char *const algorithms[] = { "MD5", "SHA-256", NULL };
static const struct field digest_fields[] = {
	FIELD_TEXT(space_record, realm, .max = SPACE_REALM_MAX, .check = space_realm_check),
	FIELD_TEXT(space_record, default_password_algorithm, .one_of = algorithms),
	FIELDS_END,
};
/* clang-format on */

/* What is not said of it stays as it is. */
static void read_digest(struct service *s, struct space_record *r)
{
	if (!r->digest)
		return;
	r->digest_enabled = strcmp(r->digest, NULL_GIVEN) == 0 ? TRI_FALSE : TRI_TRUE;
	if (r->digest_enabled == TRI_TRUE && !json_fields_bind(digest_fields, DIGEST,
						     str_from(r->digest), s->arena, s->errors, r))
		r->realm = NULL;
}

/* Accounts are found by what a token says their address is. */
static void check_provider(
	struct service *s, const struct space_record *now, const struct space_record *r)
{
	bool unique = r->unique_email != TRI_FALSE &&
		      (r->unique_email == TRI_TRUE || !now || now->unique_email == TRI_TRUE);
	const char *provider = r->oidc ? r->oidc : now ? now->oidc : NULL;

	if (provider && strcmp(provider, NULL_GIVEN) != 0 && !unique)
		field_errors_add(s->errors, "unique_email", &text_unique_needed);
}

/* What holds of a new space and of one that is changed. */
static enum err check_all(struct service *s, const struct space_record *now, struct space_record *r,
	struct space_provider *ret_provider)
{
	space_provider_read(s, r->oidc, ret_provider);
	check_provider(s, now, r);
	read_expiry(s, now, r);
	check_numbers(s, r);
	read_digest(s, r);
	if (r->custom_provisioning_entries)
		space_entries_rules(
			s, "custom_provisioning_entries", r->custom_provisioning_entries);
	return check_taken(s, r);
}

static void set_default(enum tri *switched, bool on)
{
	if (*switched == TRI_UNSET)
		*switched = on ? TRI_TRUE : TRI_FALSE;
}

static void set_defaults(struct space_record *r)
{
	set_default(&r->disable_broadcast_feature, true);
	set_default(&r->web_panel, true);
	set_default(&r->public_registration, true);
	set_default(&r->phone_registration, true);
	set_default(&r->unique_email, true);
	set_default(&r->digest_enabled, true);
	if (!r->default_password_algorithm)
		r->default_password_algorithm = ALGORITHM;
}

enum err space_create(struct service *s, const struct space_record *in, struct space_record *ret)
{
	struct space_record r = *in;
	struct space_provider provider;
	int64_t id;
	enum err e = check_all(s, NULL, &r, &provider);

	set_defaults(&r);
	if (e == ERR_OK && s->errors->count)
		e = ERR_INVALID;
	if (e == ERR_OK)
		e = as_field(s, space_store_insert(s, &r, &id), taken_after_all);
	if (e == ERR_LIMIT)
		return refused(s, &limit_reached);
	if (e == ERR_OK)
		e = space_provider_put(s, id, r.oidc, &provider);
	return e == ERR_OK ? space_record_get(s, r.domain, ret) : e;
}

/* Under the lock of the space: no account is added meanwhile. */
static enum err check_accounts(
	struct service *s, const struct space_record *now, const struct space_record *r)
{
	bool moves = r->realm && strcmp(r->realm, now->realm) != 0;
	int64_t count;
	enum err e;

	if (r->max_accounts <= 0 && !moves)
		return ERR_OK;
	e = space_store_count(s, r->domain, &count);
	if (e != ERR_OK)
		return e;
	if (r->max_accounts > 0 && r->max_accounts < count)
		field_errors_add_limit(s->errors, "max_accounts", &text_fewer, count);
	if (moves && count)
		field_errors_add(s->errors, DIGEST ".realm", &text_in_use);
	return ERR_OK;
}

/* The index that holds the rule says only that there are some. */
static enum err check_emails(
	struct service *s, const struct space_record *now, const struct space_record *r)
{
	const char *const *emails;
	size_t n;
	enum err e;

	if (r->unique_email != TRI_TRUE || now->unique_email == TRI_TRUE)
		return ERR_OK;
	e = space_store_shared_emails(s, r->domain, &emails, &n);
	if (e == ERR_OK && n)
		field_errors_add_values(s->errors, "unique_email", &text_shared_emails, emails);
	return e;
}

static enum err check_change(struct service *s, const struct space_record *now,
	struct space_record *r, struct space_provider *ret_provider)
{
	enum err e = check_all(s, now, r, ret_provider);

	if (e == ERR_OK)
		e = check_accounts(s, now, r);
	if (e == ERR_OK)
		e = check_emails(s, now, r);
	return e == ERR_OK && s->errors->count ? ERR_INVALID : e;
}

enum err space_update(struct service *s, const char *own_domain, const struct space_record *space,
	const struct space_record *in, struct space_record *ret)
{
	struct space_record now, r = *in;
	struct space_provider provider;
	enum err e = space_lock(s, space->domain);

	/* Its administrators would lock themselves out. */
	if (e == ERR_OK && in->super == TRI_FALSE && strcmp(space->domain, own_domain) == 0)
		e = refused(s, &space_is_own);
	if (e == ERR_OK)
		e = space_record_get(s, space->domain, &now);
	if (e != ERR_OK)
		return e;
	r.id = now.id;
	r.domain = now.domain;
	e = check_change(s, &now, &r, &provider);
	if (e == ERR_OK)
		e = as_field(s, space_store_update(s, &r), taken_after_all);
	if (e == ERR_OK)
		e = space_provider_put(s, r.id, r.oidc, &provider);
	return e == ERR_OK ? space_record_get(s, r.domain, ret) : e;
}

enum err space_delete(struct service *s, const char *own_domain, const struct space_record *space)
{
	if (strcmp(space->domain, own_domain) == 0)
		return refused(s, &space_is_own);
	return space_store_end(s, space->domain);
}
