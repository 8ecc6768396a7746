/* Contacts: what an account has, and what administrators give it in person (accounts-api I.11). */
#include "http/ctx.h"
#include "resources/accounts/account.h"
#include "resources/contacts/contact.h"
#include "service/caller.h"
#include "service/refusal.h"

static enum err my_contacts(struct ctx *c)
{
	enum err e = contacts_shown(c->service, c->read[0]);

	return e == ERR_OK ? reply_read(c) : e;
}

static enum err my_contact(struct ctx *c)
{
	*(struct contact *)c->out = *(const struct contact *)c->subject;
	return ERR_OK;
}

static enum err my_contact_vcards(struct ctx *c)
{
	const struct rows *own = c->read[0];
	enum err e = contacts_shown(c->service, own);

	if (e == ERR_OK)
		*(const char **)c->out = contact_vcards(c->arena, own->items, own->n);
	return e;
}

static enum err my_contact_vcard(struct ctx *c)
{
	*(const char **)c->out = contact_vcards(c->arena, c->subject, 1);
	return ERR_OK;
}

static enum err contact_show(struct ctx *c)
{
	*(struct account *)c->out = *(const struct account *)c->subject;
	return ERR_OK;
}

static enum err contact_give(struct ctx *c)
{
	return contact_add(c->service, c->subject);
}

static enum err contact_take(struct ctx *c)
{
	*(int64_t *)c->out = 1;
	return contact_remove(c->service, c->subject);
}

#define OWN      .auth = AUTH_USER, .tag = "My account", .open_to = OPEN_PHONE
#define MINE     OWN, .out = &contact_shape
#define VCARDS   .result = RESULT_TEXT, .media = "text/vcard"
#define CONTACTS .auth = AUTH_ADMIN, .tag = "Contacts"

const struct endpoint contacts_endpoints[] = {
	{ GET("/api/accounts/me/contacts"), MINE, .result = RESULT_LIST,
		.refusals = { &contacts_too_many }, .reads = { &contacts_own }, HANDLE(my_contacts),
		.summary = "List the contacts of the account that calls, those of its contacts "
			   "lists included" },
	{ GET("/api/accounts/me/contacts/{sip}"), MINE, .subject = &contact_own, HANDLE(my_contact),
		.summary = "Read one contact of the account that calls" },
	{ GET("/contacts/vcard"), OWN, VCARDS, .refusals = { &contacts_too_many },
		.reads = { &contacts_own }, HANDLE(my_contact_vcards),
		.summary = "The contacts of the account that calls as vCards: an address book of "
			   "its phones" },
	{ GET("/contacts/vcard/{sip}"), OWN, .subject = &contact_own, VCARDS,
		HANDLE(my_contact_vcard),
		.summary = "One contact of the account that calls as a vCard" },
	{ GET("/api/accounts/{id}/contacts"), CONTACTS, .subject = &account_subject,
		.out = &account_shape, .reader = READER_LIST, .result = RESULT_LIST,
		.reads = { &contacts_of_account }, HANDLE_AS(reply_read, "contacts_list"),
		.summary = "List the contacts an account was given in person" },
	{ GET("/api/accounts/{id}/contacts/{contact_id}"), CONTACTS, .subject = &contact_account,
		.out = &account_shape, .reader = READER_ADMIN, HANDLE(contact_show),
		.summary = "Read one contact an account was given in person" },
	{ POST("/api/accounts/{id}/contacts/{contact_id}"), CONTACTS, .subject = &contact_to_be,
		.writes = true, .flags = ROW_AT_ONCE, .refusals = { &limit_reached },
		HANDLE(contact_give), .summary = "Give an account a contact" },
	{ DELETE("/api/accounts/{id}/contacts/{contact_id}"), CONTACTS, .subject = &contact_or_type,
		.writes = true, .result = RESULT_COUNT, HANDLE(contact_take),
		.summary = "Take a contact from an account",
		.text = "Where there is no such contact, the type of that number is taken from the "
			"account: older descriptions print this path for it." },
	ENDPOINTS_END,
};
