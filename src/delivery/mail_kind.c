/*
 * Our own words.  A mail is a list of paragraphs, from which both its parts are made; a link, a code and a
 * picture stand in one of their own.
 */
#include "mail_priv.h"

static const struct text text_ignore = { "mail_ignore",
	"If you did not ask for this, you need not do anything." };
static const struct text text_validity = { "mail_validity", "This is good for {validity}." };
static const struct text subject_email_code = { "mail_email_code_subject",
	"Confirm your e-mail address" };
static const struct text text_email_code = { "mail_email_code",
	"Your {space} validation code is:" };
static const struct text subject_registration = { "mail_registration_subject",
	"Confirm your account" };
static const struct text text_registration = { "mail_registration",
	"Your {space} confirmation code is:" };
static const struct text subject_confirmed = { "mail_confirmed_subject", "Your account is ready" };
static const struct text text_confirmed = { "mail_confirmed",
	"Your {space} account has a password now and is ready to be used." };
static const struct text subject_provisioning = { "mail_provisioning_subject",
	"Set up your phone" };
static const struct text text_provisioning = { "mail_provisioning",
	"Your {space} account is ready. Open this link on your phone:" };
static const struct text text_qrcode = { "mail_qrcode", "or scan this QR code with its app:" };
static const struct text subject_reset = { "mail_reset_subject", "Set a new password" };
static const struct text text_reset = { "mail_reset",
	"To set the password of your {space} account, open this link:" };
static const struct text subject_test = { "mail_test_subject", "A test of the mail server" };
static const struct text text_test = { "mail_test",
	"An administrator of {space} has sent this mail: the mail server works." };

#define SAYS(t)                            \
	{                                  \
		PARAGRAPH_TEXT, &(t), NULL \
	}
#define LINK(f)                         \
	{                               \
		PARAGRAPH_LINK, NULL, f \
	}
#define CODE(f)                         \
	{                               \
		PARAGRAPH_CODE, NULL, f \
	}
#define IMAGE(f)                         \
	{                                \
		PARAGRAPH_IMAGE, NULL, f \
	}

const struct mail_kind mail_kinds[] = {
	{ "email_change_code", "space,code,validity", &subject_email_code,
		{ SAYS(text_email_code), CODE("code"), SAYS(text_validity), SAYS(text_ignore) } },
	{ "registration_link", "space,key,validity", &subject_registration,
		{ SAYS(text_registration), CODE("key"), SAYS(text_validity), SAYS(text_ignore) } },
	{ "registration_confirmed", "space", &subject_confirmed, { SAYS(text_confirmed) } },
	{ "provisioning", "space,link,qrcode_url,validity", &subject_provisioning,
		{ SAYS(text_provisioning), LINK("link"), SAYS(text_qrcode), IMAGE("qrcode_url"),
			SAYS(text_validity) } },
	{ "reset_password", "space,link,validity", &subject_reset,
		{ SAYS(text_reset), LINK("link"), SAYS(text_validity), SAYS(text_ignore) } },
	{ "test", "space", &subject_test, { SAYS(text_test) } },
};

const size_t mail_kinds_count = sizeof(mail_kinds) / sizeof(mail_kinds[0]);

static bool is_name(struct str s)
{
	return s.n > 0 && str_is_made_of(s, "abcdefghijklmnopqrstuvwxyz_");
}

bool mail_gap_next(struct str *rest, struct str *ret_plain, struct str *ret_name)
{
	for (size_t i = 0; i < rest->n; i++) {
		struct str behind = { rest->p + i + 1, rest->n - i - 1 };

		if (rest->p[i] != '{')
			continue;
		*ret_name = str_split(&behind, '}');
		if (!behind.p || !is_name(*ret_name))
			continue;
		*ret_plain = (struct str){ rest->p, i };
		*rest = behind;
		return true;
	}
	*ret_plain = *rest;
	return false;
}
