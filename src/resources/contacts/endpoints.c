/* Contacts of accounts, set by administrators (accounts-api I.10). */
#include "http/ctx.h"
#include "resources/accounts/account.h"
#include "resources/contacts/contact.h"

static enum err contacts_list(struct ctx *c)
{
	return contact_list(c->service, c->subject, c->out);
}

const struct endpoint contacts_endpoints[] = {
	{ GET("/api/accounts/{id}/contacts"), .auth = AUTH_ADMIN, .tag = "Contacts",
		.subject = &account_subject, .result = RESULT_LIST, .out = &account_shape,
		.reader = READER_LIST, HANDLE(contacts_list),
		.summary = "List the contacts an account was given in person" },
	ENDPOINTS_END,
};
