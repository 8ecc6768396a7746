/*
 * The confirmation key of an account (accounts-api 9.5), of which it has one: it shows that an e-mail address or
 * a phone number is the owner's.  It takes three attempts, right or wrong, and opens something once.
 */
#ifndef DIALTONE_RESOURCES_REGISTRATION_CONFIRMATION_H
#define DIALTONE_RESOURCES_REGISTRATION_CONFIRMATION_H

#include "resources/accounts/account.h"

#define CONFIRMATION_KEY_LENGTH 13

enum confirmation_kind {
	CONFIRMATION_ANY,
	CONFIRMATION_EMAIL, /* 13 letters and digits */
	CONFIRMATION_PHONE  /* four digits */
};

extern const struct refusal confirmation_over;

/* What a message with a key says of itself. */
struct confirmation_message {
	const char *to; /* e-mail address or number */
	const char *key, *language;
	int64_t minutes;
};

/* Gives a fresh key to the account in place of the one it has; a job sends it to the account's e-mail address, or
 * to `phone`.  Sets what `a` says of the key.  Inside a transaction. */
MUST_CHECK enum err confirmation_mail(struct service *s, struct account *a, const char *language);
enum confirmation_sms { CONFIRMATION_SMS_CREATION, CONFIRMATION_SMS_RECOVERY };
MUST_CHECK enum err confirmation_sms(struct service *s, struct account *a,
	enum confirmation_sms which, const char *phone, const char *language);

/* Uses the key up and activates the account: *ret as it is then, but for its provisioning token.  Counts the attempt before it compares, outside of
 * any transaction.  ERR_NOT_FOUND: no key of that kind, a wrong one, or the attempts are used up;
 * confirmation_over: right, but too late; ERR_BLOCKED: right, but the account is. */
MUST_CHECK enum err confirmation_use(struct service *s, const struct account *a,
	enum confirmation_kind kind, const char *key, struct account *ret);
/* The same, with the passwords' HA1 in ret->passwords. */
MUST_CHECK enum err confirmation_recover(
	struct service *s, const struct account *a, const char *key, struct account *ret);
/* How that would end: a right key is not used up, and no attempt is lost. */
MUST_CHECK enum err confirmation_look(struct service *s, const struct account *a, const char *key);

#endif
