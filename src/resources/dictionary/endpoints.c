/* The dictionary of an account (accounts-api I.12). */
#include "http/ctx.h"
#include "resources/accounts/account.h"
#include "resources/dictionary/dictionary.h"
#include "service/refusal.h"

static const struct field entry_input_fields[] = {
	FIELD_TEXT(dictionary_entry, value, .flags = FIELD_REQUIRED | FIELD_LINES,
		.max = DICT_VALUE_MAX, .doc = "Free text", .example = "blue"),
	FIELDS_END,
};
static const struct shape entry_input_shape = { "DictionaryEntryInput", entry_input_fields,
	sizeof(struct dictionary_entry) };

static enum err dictionary_list(struct ctx *c)
{
	const struct account *a = c->subject;

	*(const char **)c->out = a->dictionary;
	return ERR_OK;
}

static enum err dictionary_entry_show(struct ctx *c)
{
	const struct dictionary_entry *e = c->subject;

	*(struct dictionary_entry *)c->out = *e;
	return e->value ? ERR_OK : ERR_NOT_FOUND;
}

static enum err dictionary_entry_put(struct ctx *c)
{
	const struct dictionary_entry *in = c->in;

	return dictionary_set(c->service, c->subject, in->value, c->out);
}

static enum err dictionary_entry_remove(struct ctx *c)
{
	return dictionary_remove(c->service, c->subject, c->out);
}

static enum err dictionary_empty(struct ctx *c)
{
	const struct account *a = c->subject;

	return dictionary_clear(c->service, a->id, c->out);
}

#define DICTIONARY .auth = AUTH_ADMIN, .tag = "Dictionary"
#define ALL        .subject = &account_subject
#define ONE        .subject = &dictionary_entry_subject
#define ENTRY      .out = &dictionary_entry_shape

const struct endpoint dictionary_endpoints[] = {
	{ GET("/api/accounts/{id}/dictionary"), DICTIONARY, ALL, .result = RESULT_DICT,
		HANDLE(dictionary_list), .summary = "Read the dictionary of an account" },
	{ DELETE("/api/accounts/{id}/dictionary"), DICTIONARY, ALL, .writes = true,
		.flags = ROW_AT_ONCE, .result = RESULT_COUNT, HANDLE(dictionary_empty),
		.summary = "Remove all entries of a dictionary, and tell how many" },
	{ GET("/api/accounts/{id}/dictionary/{key}"), DICTIONARY, ONE, ENTRY,
		HANDLE(dictionary_entry_show), .summary = "Read one entry" },
	{ POST("/api/accounts/{id}/dictionary/{key}"), DICTIONARY, ONE, ENTRY, .writes = true,
		.flags = ROW_ON_BAD_FIELDS | ROW_AT_ONCE, .in = &entry_input_shape, .status = 201,
		.refusals = { &limit_reached }, HANDLE(dictionary_entry_put),
		.summary = "Make or replace an entry", .example = "{\"value\":\"blue\"}" },
	{ DELETE("/api/accounts/{id}/dictionary/{key}"), DICTIONARY, ONE, .writes = true,
		.flags = ROW_AT_ONCE, .result = RESULT_COUNT, HANDLE(dictionary_entry_remove),
		.summary = "Remove an entry, if it is there" },
	ENDPOINTS_END,
};
