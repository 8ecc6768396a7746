#include "resources/registration/registration.h"

#include <string.h>

#include "phone/phone.h"
#include "resources/creation_tokens/creation_token.h"
#include "resources/registration/confirmation.h"

static void require(struct service *s, const char *name)
{
	if (!field_errors_has(s->errors, name))
		field_errors_add(s->errors, name, &text_required);
}

/* The token is held until the account is made, and taken with it: one of both alone does not happen. */
static enum err create(struct service *s, const struct space *space, enum account_door door,
	const struct account_input *in, const char *token, struct account *ret)
{
	const struct account_caller by = { .door = door, .space = space };
	struct creation_token taken;

	/* Which other domains there are is not told. */
	if (in->domain && strcmp(in->domain, space->domain) != 0)
		field_errors_add(s->errors, "domain", &text_unknown);
	enum err e = token ? creation_token_hold(s, space->domain, token) : ERR_OK;

	if (e == ERR_OK)
		e = account_create(s, &by, in, ret);
	return e == ERR_OK ? creation_token_take(s, space->domain, token, ret->id, &taken) : e;
}

enum err account_register(struct service *s, const struct space *space,
	const struct registration *in, struct account *ret)
{
	if (in->admin)
		field_errors_add(s->errors, "admin", &text_forbidden_field);
	if (in->activated)
		field_errors_add(s->errors, "activated", &text_forbidden_field);
	return create(s, space, ACCOUNT_DOOR_TOKEN, &in->account, in->account_creation_token, ret);
}

/* Which of the three are needed depends on the others; one that is malformed was given. */
static void check_names(struct service *s, const struct account_input *in)
{
	bool phone = in->phone || field_errors_has(s->errors, "phone");
	bool email = in->email || field_errors_has(s->errors, "email");

	if (!in->username && !phone)
		require(s, "username");
	if (!email && !phone) {
		require(s, "email");
		require(s, "phone");
	}
}

static const char *as_stored(struct service *s, const char *phone)
{
	struct phone_number number;

	return phone && phone_number_parse(str_from(phone), &number)
		       ? arena_strdup(s->arena, number.e164)
		       : NULL;
}

enum err account_register_public(struct service *s, const struct space *space,
	const struct registration *in, const char *language, struct account *ret)
{
	struct account_input account = in->account;
	enum err e;

	check_names(s, &account);
	if (!account.username && !field_errors_has(s->errors, "username"))
		account.username = as_stored(s, account.phone);
	e = create(s, space, ACCOUNT_DOOR_PUBLIC, &account, in->account_creation_token, ret);
	if (e != ERR_OK)
		return e;
	return ret->email
		       ? confirmation_mail(s, ret, language)
		       : confirmation_sms(s, ret, CONFIRMATION_SMS_CREATION, ret->phone, language);
}

enum err account_recover_by_phone(struct service *s, const struct space *space, const char *phone,
	const char *token, const char *language)
{
	struct creation_token taken;
	struct phone_number number;
	struct account account;
	enum err e = token ? creation_token_hold(s, space->domain, token) : ERR_OK;

	if (e == ERR_OK && (s->errors->count || !phone_number_parse(str_from(phone), &number)))
		return ERR_INVALID;
	if (e == ERR_OK)
		e = account_find(s, space->domain, ACCOUNT_BY_PHONE, number.e164, &account);
	if (e == ERR_OK)
		e = creation_token_take(s, space->domain, token, account.id, &taken);
	return e == ERR_OK ? confirmation_sms(s, &account, CONFIRMATION_SMS_RECOVERY,
				     arena_strdup(s->arena, number.e164), language)
			   : e;
}
