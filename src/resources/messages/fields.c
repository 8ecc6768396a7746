#include "resources/messages/fields.h"

#include "base/syntax.h"

#define USER_SET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~*#+"

/* No more than a name and a host: parameters and headers of a SIP URI would tell the proxy what to do. */
static const struct text *address_is_bare(struct str s)
{
	struct str user;

	if (s.n >= 5 && str_case_is((struct str){ s.p, 5 }, "sips:"))
		s = (struct str){ s.p + 5, s.n - 5 };
	else if (s.n >= 4 && str_case_is((struct str){ s.p, 4 }, "sip:"))
		s = (struct str){ s.p + 4, s.n - 4 };
	user = str_split(&s, '@');
	if (!s.p || user.n == 0 || !str_is_made_of(user, USER_SET))
		return &text_format;
	char host[MESSAGE_ADDRESS_MAX];

	if (s.n >= sizeof(host))
		return &text_format;
	memcpy(host, s.p, s.n);
	host[s.n] = '\0';
	str_lower(host);
	return host_check(str_from(host));
}

static const struct text *body_fits(struct str s)
{
	return s.n <= MESSAGE_BODY_MAX ? NULL : &text_format;
}

static const struct field message_fields[] = {
	FIELD_TEXT(message, to, .flags = FIELD_REQUIRED, .max = MESSAGE_ADDRESS_MAX - 1,
		.check = address_is_bare, .doc = "user@domain, with or without \"sip:\"",
		.example = "bob@sip.example.org"),
	FIELD_TEXT(message, body, .flags = FIELD_REQUIRED, .max = MESSAGE_BODY_MAX,
		.check = body_fits, .doc = "Text, one line, at most 8000 bytes",
		.example = "Hello"),
	FIELDS_END,
};
const struct shape message_shape = { "Message", message_fields, sizeof(struct message) };

static const struct field sent_fields[] = {
	FIELD_TEXT(message_sent, id, .doc = "As the SIP server knows it, or one of ours"),
	FIELDS_END,
};
const struct shape message_sent_shape = { "MessageSent", sent_fields, sizeof(struct message_sent) };
