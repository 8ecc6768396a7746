/* space two-factor, account reset-2fa, seal re-encrypt: second factors and stored secrets. */
#include "ctl_priv.h"

#include "resources/accounts/account.h"
#include "reseal.h"
#include "resources/spaces/space.h"
#include "resources/two_factor/two_factor.h"
#include "service/refusal.h"

static const char *const policies[] = { "off", "optional", "required", NULL };

struct policy_input {
	const char *domain, *policy;
	int64_t grace_days;
};

static const struct field policy_fields[] = {
	FIELD_TEXT(policy_input, domain, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.max = SPACE_DOMAIN_MAX, .doc = "SIP domain of the space"),
	FIELD_TEXT(policy_input, policy, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.one_of = policies, .doc = "off, optional or required"),
	FIELD_INT(policy_input, grace_days, .in = FIELD_IN_QUERY, .max = SPACE_GRACE_DAYS_MAX,
		.doc = "Days an account has to set it up, from today or from its making"),
	FIELDS_END,
};

struct name_input {
	const char *username, *domain;
};

static const struct field name_fields[] = {
	FIELD_TEXT(name_input, username, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.doc = "User name"),
	FIELD_TEXT(name_input, domain, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.max = SPACE_DOMAIN_MAX, .doc = "Domain of the account"),
	FIELDS_END,
};

static const struct field reseal_fields[] = {
	FIELD_INT(reseal_count, renewed),
	FIELD_INT(reseal_count, unreadable),
	FIELDS_END,
};

static enum err set_policy(struct ctl *c, const void *input)
{
	const struct policy_input *in = input;
	enum err e = space_set_two_factor(&c->service, in->domain, in->policy, in->grace_days);

	if (e == ERR_NOT_FOUND)
		return refuse(c, e, "There is no space %s.", in->domain);
	if (e == ERR_OK)
		say(c, "Two-factor authentication in %s is %s.", in->domain, in->policy);
	return e;
}

static enum err reset(struct ctl *c, const void *input)
{
	const struct name_input *in = input;
	struct account account;
	enum err e =
		account_find(&c->service, in->domain, ACCOUNT_BY_USERNAME, in->username, &account);

	if (e == ERR_NOT_FOUND)
		return refuse(c, e, "There is no account %s@%s.", in->username, in->domain);
	if (e == ERR_OK)
		e = two_factor_reset(&c->service, account.id);
	if (refused_as(&c->service, e, &second_factor_off))
		return refuse(c, e, "%s@%s has no second factor.", in->username, in->domain);
	if (e == ERR_OK)
		say(c, "%s@%s logs in with the password alone; all sessions have ended.",
			in->username, in->domain);
	return e;
}

static enum err re_encrypt(struct ctl *c, const void *input)
{
	struct reseal_count count;
	enum err e = reseal_all(&c->service, &count);

	(void)input;
	if (e != ERR_OK)
		return e;
	table_object(c, reseal_fields, &count);
	if (count.unreadable)
		return refuse(c, ERR_INTERNAL,
			"No key opens some of them: is one missing in the keys file?");
	return ERR_OK;
}

const struct command two_factor_commands[] = {
	{ "space two-factor", policy_fields, sizeof(struct policy_input), NEEDS_DATABASE,
		set_policy, "Forbid, allow or require two-factor authentication in a space" },
	{ "account reset-2fa", name_fields, sizeof(struct name_input), NEEDS_RULES, reset,
		"Take away the second factor of a user who lost it, and end all sessions" },
	{ "seal re-encrypt", NULL, 0, NEEDS_RULES, re_encrypt,
		"Seal every stored secret with the current key, after \"keys rotate seal\"" },
	{ 0 },
};
