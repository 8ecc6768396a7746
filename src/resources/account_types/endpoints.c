/* Types of accounts (accounts-api I.15). */
#include "base/syntax.h"
#include "http/ctx.h"
#include "resources/account_types/account_type.h"
#include "service/refusal.h"

static const struct field type_input_fields[] = {
	FIELD_TEXT(account_type, key, .flags = FIELD_REQUIRED, .max = ACCOUNT_TYPE_KEY_MAX,
		.check = key_check, .doc = "Lower-case letters, digits, - and _",
		.example = "phone"),
	FIELDS_END,
};
static const struct shape type_input_shape = { "AccountTypeInput", type_input_fields,
	sizeof(struct account_type) };

static enum err account_type_show(struct ctx *c)
{
	*(struct account_type *)c->out = *(const struct account_type *)c->subject;
	return ERR_OK;
}

static enum err account_type_add(struct ctx *c)
{
	return account_type_create(c->service, c->in, c->out);
}

static enum err account_type_change(struct ctx *c)
{
	return account_type_update(c->service, c->subject, c->in, c->out);
}

static enum err account_type_remove(struct ctx *c)
{
	const struct account_type *t = c->subject;

	return t ? account_type_delete(c->service, t->id, c->out) : ERR_OK;
}

static enum err account_give_type(struct ctx *c)
{
	return account_type_attach(c->service, c->subject);
}

static enum err account_take_type(struct ctx *c)
{
	*(int64_t *)c->out = 1;
	return account_type_detach(c->service, c->subject);
}

#define TYPES  .auth = AUTH_ADMIN, .tag = "Account types"
#define ONE    .subject = &account_type_subject
#define WRITES .writes = true, .flags = ROW_SHARED
#define TYPE   .out = &account_type_shape

const struct endpoint account_types_endpoints[] = {
	{ GET("/api/account_types"), TYPES, TYPE, .result = RESULT_LIST,
		.reads = { &account_types_all }, HANDLE_AS(reply_read, "account_types_list"),
		.summary = "List the types accounts may have" },
	{ POST("/api/account_types"), TYPES, TYPE, WRITES, .in = &type_input_shape, .status = 201,
		.refusals = { &limit_reached }, HANDLE(account_type_add),
		.summary = "Make a type; super administrators only, once there are several spaces",
		.example = "{\"key\":\"phone\"}" },
	{ GET("/api/account_types/{id}"), TYPES, ONE, TYPE, HANDLE(account_type_show),
		.summary = "Read one type" },
	{ PUT("/api/account_types/{id}"), TYPES, ONE, TYPE, WRITES, .in = &type_input_shape,
		HANDLE(account_type_change),
		.summary = "Rename a type, also in the accounts that have it",
		.example = "{\"key\":\"doorphone\"}" },
	{ DELETE("/api/account_types/{id}"), TYPES, ONE, .writes = true,
		.flags = ROW_SHARED | ROW_COUNTS, .result = RESULT_COUNT,
		HANDLE(account_type_remove),
		.summary = "Delete a type, also from the accounts that have it" },
	{ POST("/api/accounts/{id}/types/{type_id}"), TYPES, .subject = &account_type_attachable,
		.writes = true, .refusals = { &account_type_attached, &limit_reached },
		HANDLE(account_give_type), .summary = "Give an account a type" },
	{ DELETE("/api/accounts/{id}/types/{type_id}"), TYPES, .subject = &account_type_detachable,
		.writes = true, .result = RESULT_COUNT, .refusals = { &account_type_not_attached },
		HANDLE(account_take_type), .summary = "Take a type from an account" },
	ENDPOINTS_END,
};
