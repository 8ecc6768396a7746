#include "external_accounts_priv.h"

#include <string.h>

#include "crypto/ha1.h"
#include "resources/accounts/username_policy.h"
#include "service/constraint.h"

static const struct text text_as_domain = { "as_domain",
	"The {f} value is for what differs from the domain." };

static const char *realm_of(const char *realm, const char *domain)
{
	return realm ? realm : domain;
}

/* HA1 holds the user name and the realm. */
static bool keeps_password(const struct external_account *now, const struct external_input *in)
{
	return now && strcmp(now->username, in->username) == 0 &&
	       strcmp(realm_of(now->realm, now->domain), realm_of(in->realm, in->domain)) == 0;
}

static void check_differs(
	struct service *s, const char *field, const char *value, const char *domain)
{
	if (value && strcmp(value, domain) == 0)
		field_errors_add(s->errors, field, &text_as_domain);
}

static enum err check(
	struct service *s, const struct external_account *now, const struct external_input *in)
{
	/* What is not given away here may well be in use elsewhere. */
	if (username_policy_check(s->usernames, in->username) == &text_format)
		field_errors_add(s->errors, "username", &text_format);
	check_differs(s, "realm", in->realm, in->domain);
	check_differs(s, "registrar", in->registrar, in->domain);
	check_differs(s, "outbound_proxy", in->outbound_proxy, in->domain);
	if (!in->password && !keeps_password(now, in))
		field_errors_add(s->errors, "password", &text_required);
	return s->errors->count ? ERR_INVALID : ERR_OK;
}

static const char *ha1_of(struct service *s, const struct external_input *in)
{
	char *ha1;

	if (!in->password)
		return NULL;
	ha1 = arena_alloc(s->arena, HA1_SIZE);
	ha1_make(DIGEST_MD5, str_from(in->username), str_from(realm_of(in->realm, in->domain)),
		str_from(in->password), ha1);
	return ha1;
}

static const struct constraint_text taken[] = {
	{ "external_accounts_name_key", "username", &text_taken },
	{ NULL },
};

static enum err put(struct service *s, const struct account *a, const struct external_input *in,
	struct external_account *ret)
{
	const struct external_row row = { .account_id = a->id,
		.username = in->username,
		.domain = in->domain,
		.realm = in->realm,
		.registrar = in->registrar,
		.outbound_proxy = in->outbound_proxy,
		.protocol = in->protocol,
		.ha1 = ha1_of(s, in) };

	return as_field(s, external_store_put(s, &row, ret), taken);
}

enum err external_account_put(struct service *s, const struct account *a,
	const struct external_input *in, struct external_account *ret)
{
	struct external_account now;
	enum err e = external_store_lock(s, a->id);

	if (e != ERR_OK)
		return e;
	e = external_store_get(s, a->id, &now);
	if (e != ERR_OK && e != ERR_NOT_FOUND)
		return e;
	bool is_new = e == ERR_NOT_FOUND;

	e = check(s, is_new ? NULL : &now, in);
	if (e == ERR_OK)
		e = put(s, a, in, ret);
	ret->is_new = is_new;
	return e;
}
