/* Contacts lists (accounts-api I.14). */
#include "http/ctx.h"
#include "resources/contacts_lists/contacts_list.h"
#include "service/caller.h"
#include "service/refusal.h"

static const struct field list_input_fields[] = {
	FIELD_TEXT(contacts_list, title, .flags = FIELD_REQUIRED, .max = CONTACTS_LIST_TITLE_MAX,
		.doc = "Unique in the space", .example = "Sales"),
	FIELD_TEXT(contacts_list, description, .flags = FIELD_REQUIRED | FIELD_LINES,
		.max = CONTACTS_LIST_DESCRIPTION_MAX, .doc = "What it is for",
		.example = "Everyone in sales"),
	FIELDS_END,
};
static const struct shape list_input_shape = { "ContactsListInput", list_input_fields,
	sizeof(struct contacts_list) };

static enum err contacts_list_show(struct ctx *c)
{
	*(struct contacts_list *)c->out = *(const struct contacts_list *)c->subject;
	return ERR_OK;
}

static enum err contacts_list_add(struct ctx *c)
{
	return contacts_list_create(c->service, c->caller->space->domain, c->in, c->out);
}

static enum err contacts_list_change(struct ctx *c)
{
	return contacts_list_update(c->service, c->subject, c->in, c->out);
}

static enum err contacts_list_remove(struct ctx *c)
{
	return c->subject ? contacts_list_delete(c->service, c->subject, c->out) : ERR_OK;
}

static enum err contacts_list_add_contact(struct ctx *c)
{
	return contacts_list_put_on(c->service, c->subject);
}

static enum err contacts_list_remove_contact(struct ctx *c)
{
	*(int64_t *)c->out = 1;
	return contacts_list_take_off(c->service, c->subject);
}

static enum err account_give_contacts_list(struct ctx *c)
{
	return contacts_list_attach(c->service, c->subject);
}

static enum err account_take_contacts_list(struct ctx *c)
{
	*(int64_t *)c->out = 1;
	return contacts_list_detach(c->service, c->subject);
}

#define LISTS  .auth = AUTH_ADMIN, .tag = "Contacts lists"
#define ONE    .subject = &contacts_list_subject
#define LIST   .out = &contacts_list_shape
#define INPUT  .writes = true, .in = &list_input_shape
#define REMOVE .writes = true, .result = RESULT_COUNT

const struct endpoint contacts_lists_endpoints[] = {
	{ GET("/api/contacts_lists"), LISTS, LIST, .result = RESULT_LIST,
		.reads = { &contacts_lists_of_space }, HANDLE_AS(reply_read, "contacts_lists_list"),
		.summary = "List the contacts lists of the space" },
	{ POST("/api/contacts_lists"), LISTS, LIST, INPUT, .status = 201,
		.refusals = { &limit_reached }, HANDLE(contacts_list_add),
		.summary = "Make a contacts list",
		.example = "{\"title\":\"Sales\",\"description\":\"Everyone in sales\"}" },
	{ GET("/api/contacts_lists/{id}"), LISTS, ONE, LIST, HANDLE(contacts_list_show),
		.summary = "Read one contacts list" },
	{ PUT("/api/contacts_lists/{id}"), LISTS, ONE, LIST, INPUT, .flags = ROW_AT_ONCE,
		HANDLE(contacts_list_change),
		.summary = "Replace title and description of a contacts list",
		.example = "{\"title\":\"Sales\",\"description\":\"Everyone in sales\"}" },
	{ DELETE("/api/contacts_lists/{id}"), LISTS, ONE, REMOVE, .flags = ROW_COUNTS | ROW_AT_ONCE,
		HANDLE(contacts_list_remove),
		.summary = "Delete a contacts list; the accounts on it stay" },
	{ POST("/api/contacts_lists/{id}/contacts/{contact_id}"), LISTS,
		.subject = &contacts_list_with_contact, .writes = true, .flags = ROW_AT_ONCE,
		.refusals = { &limit_reached }, HANDLE(contacts_list_add_contact),
		.summary = "Put an account on a contacts list" },
	{ DELETE("/api/contacts_lists/{id}/contacts/{contact_id}"), LISTS,
		.subject = &contacts_list_without_contact, REMOVE, .flags = ROW_AT_ONCE,
		HANDLE(contacts_list_remove_contact),
		.summary = "Take an account off a contacts list" },
	{ POST("/api/accounts/{id}/contacts_lists/{contacts_list_id}"), LISTS,
		.subject = &contacts_list_for_account, .writes = true, .flags = ROW_AT_ONCE,
		.refusals = { &contacts_list_attached, &limit_reached },
		HANDLE(account_give_contacts_list),
		.summary = "Give an account the contacts of a list" },
	{ DELETE("/api/accounts/{id}/contacts_lists/{contacts_list_id}"), LISTS,
		.subject = &contacts_list_of_account, REMOVE, .flags = ROW_AT_ONCE,
		.refusals = { &contacts_list_not_attached }, HANDLE(account_take_contacts_list),
		.summary = "Take a contacts list from an account" },
	ENDPOINTS_END,
};
