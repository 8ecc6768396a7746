/* space two-factor, account reset-2fa, seal: second factors and stored secrets. */
#include "account_name.h"
#include "ctl_priv.h"

#include "reseal.h"
#include "resources/spaces/space.h"
#include "resources/two_factor/two_factor.h"
#include "service/audit.h"
#include "service/refusal.h"
#include "service/transaction.h"

static const char *const policies[] = { "off", "optional", "required", NULL };

struct policy_input {
	const char *domain, *policy;
	int64_t grace_days;
};

static const struct field policy_fields[] = {
	FIELD_TEXT(policy_input, domain, .in = FIELD_IN_PATH,
		.flags = FIELD_REQUIRED | FIELD_DOMAIN, .max = SPACE_DOMAIN_MAX,
		.doc = "SIP domain of the space"),
	FIELD_TEXT(policy_input, policy, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.one_of = policies, .doc = "off, optional or required"),
	FIELD_INT(policy_input, grace_days, .in = FIELD_IN_QUERY, .max = SPACE_GRACE_DAYS_MAX,
		.doc = "Days an account has to set it up, from today or from its making"),
	FIELDS_END,
};

static const struct field reseal_fields[] = {
	FIELD_INT(reseal_count, renewed),
	FIELD_INT(reseal_count, unreadable),
	FIELDS_END,
};

struct forget_input {
	bool yes;
};

static const struct field forget_fields[] = {
	FIELD_BOOL(forget_input, yes, .in = FIELD_IN_QUERY, .doc = "Do it"),
	FIELDS_END,
};

static const struct field unreadable_fields[] = {
	FIELD_INT(unreadable_count, second_factors),
	FIELD_INT(unreadable_count, second_factors_begun),
	FIELD_INT(unreadable_count, provisioning_tokens),
	FIELD_INT(unreadable_count, confirmation_keys),
	FIELD_INT(unreadable_count, extension_secrets),
	FIELD_INT(unreadable_count, jobs),
	FIELD_INT(unreadable_count, change_codes),
	FIELD_INT(unreadable_count, space_secrets),
	FIELDS_END,
};

static enum err put_policy(struct service *s, void *input)
{
	const struct policy_input *in = input;

	return space_set_two_factor(s, in->domain, in->policy, in->grace_days);
}

static enum err set_policy(struct ctl *c, const void *input)
{
	const struct policy_input *in = input;
	struct policy_input wanted = *in;
	enum err e = service_change(&c->service, put_policy, &wanted);

	if (e == ERR_NOT_FOUND)
		return refuse(c, e, "There is no space %s.", in->domain);
	if (e == ERR_OK)
		say(c, "Two-factor authentication in %s is %s.", in->domain, in->policy);
	return e;
}

static enum err reset(struct ctl *c, const void *input)
{
	const struct account_name *in = input;
	struct account account;
	enum err e = account_named(c, in->username, in->domain, &account);

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
	if (c->json)
		table_object(c, reseal_fields, &count);
	if (count.unreadable)
		return refuse(c, ERR_INTERNAL,
			"%lld sealed anew; %lld that no key opens: put back the keys file that "
			"belongs"
			" to this database, or see \"seal forget-unreadable\".",
			(long long)count.renewed, (long long)count.unreadable);
	if (!c->json)
		say(c, "%lld sealed anew; older seal keys are not needed any more.",
			(long long)count.renewed);
	return ERR_OK;
}

static enum err forget_unreadable(struct ctl *c, const void *input)
{
	const struct forget_input *in = input;
	struct unreadable_count count;
	enum err e = reseal_forget(&c->service, in->yes, &count);

	if (e == ERR_OK && in->yes)
		e = audit_note(&c->service);
	if (e != ERR_OK)
		return e;
	table_object(c, unreadable_fields, &count);
	if (in->yes)
		say(c, "These are gone: second factors and provisioning tokens have to be made "
		       "anew.");
	else
		say(c, "No key opens these. Nothing was changed; with --yes they are dropped, and "
		       "accounts without their second factor log in with the password alone.");
	return ERR_OK;
}

const struct command two_factor_commands[] = {
	{ "space two-factor", policy_fields, sizeof(struct policy_input), NEEDS_DATABASE | CHANGES,
		set_policy, "Forbid, allow or require two-factor authentication in a space" },
	{ "account reset-2fa", account_name_fields, sizeof(struct account_name),
		NEEDS_RULES | CHANGES, reset,
		"Take away the second factor of a user who lost it, and end all sessions" },
	{ "seal re-encrypt", NULL, 0, NEEDS_RULES, re_encrypt,
		"Seal every stored secret with the current key, after \"keys rotate seal\"" },
	{ "seal forget-unreadable", forget_fields, sizeof(struct forget_input),
		NEEDS_RULES | CHANGES, forget_unreadable,
		"Count the stored secrets that no key opens; --yes drops them" },
	{ 0 },
};
