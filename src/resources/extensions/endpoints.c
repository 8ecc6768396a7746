/* The devices of a user, set by administrators.  In the style of the accounts API. */
#include "http/ctx.h"
#include "resources/extensions/extension.h"
#include "service/caller.h"
#include "service/service.h"

#define NUMBER_MAX      64
#define SECRET_MAX      256
#define DESCRIPTION_MAX 255
#define PORT_MAX        65535

struct by_id {
	int64_t id;
};
static const struct field by_id_fields[] = {
	FIELD_INT(by_id, id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1,
		.doc = "Identifier"),
	FIELDS_END,
};
static const struct shape by_id_shape = { "ExtensionsById", by_id_fields, sizeof(struct by_id) };

struct by_exten {
	int64_t id;
	const char *exten;
};
static const struct field by_exten_fields[] = {
	FIELD_INT(by_exten, id, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .min = 1,
		.doc = "Identifier of the account"),
	FIELD_TEXT(by_exten, exten, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, .max = NUMBER_MAX,
		.check = extension_check, .doc = "Number of the extension"),
	FIELDS_END,
};
static const struct shape by_exten_shape = { "ByExtension", by_exten_fields,
	sizeof(struct by_exten) };

/* clang-format off */
#define EXTENSION_INPUT(place)                                                                      \
	FIELD_INT_AS(extension_input, account_id, "id", .in = FIELD_IN_PATH,                        \
		.flags = FIELD_REQUIRED, .min = 1, .doc = "Identifier of the account"),             \
	FIELD_TEXT(extension_input, exten, .in = place, .flags = FIELD_REQUIRED, .max = NUMBER_MAX, \
		.check = extension_check, .doc = "Number, unique in the domain", .example = "91201"),\
	FIELD_TEXT(extension_input, type, .flags = FIELD_REQUIRED, .one_of = extension_types,       \
		.doc = "What kind of device it is"),                                                \
	FIELD_TEXT_AS(extension_input, username, "sip_username", .max = NUMBER_MAX, .check = extension_check,          \
		.doc = "Name at the SIP server; the number if absent"),                             \
	FIELD_TEXT(extension_input, secret, .flags = FIELD_SECRET | FIELD_RAW, .min = 8,            \
		.max = SECRET_MAX, .doc = "Shown to the owner alone; made here if absent"),         \
	FIELD_TEXT(extension_input, description, .max = DESCRIPTION_MAX, .doc = "Shown to people"), \
	FIELD_INT(extension_input, proxy_port, .max = PORT_MAX, .doc = "SIP port, 0 if there is none")
/* clang-format on */

static const struct field extension_new_fields[] = { EXTENSION_INPUT(FIELD_IN_BODY), FIELDS_END };
static const struct field extension_change_fields[] = { EXTENSION_INPUT(FIELD_IN_PATH),
	FIELDS_END };
static const struct shape extension_new_shape = { "ExtensionNew", extension_new_fields,
	sizeof(struct extension_input) };
static const struct shape extension_change_shape = { "ExtensionChange", extension_change_fields,
	sizeof(struct extension_input) };

static const char *space_domain(struct ctx *c)
{
	return c->caller->space->domain;
}

static enum err extensions_list(struct ctx *c, const void *input)
{
	const struct by_id *in = input;
	struct extension *list;
	size_t n;
	enum err e = extension_list(c->service, space_domain(c), in->id, &list, &n);

	return e == ERR_OK ? reply_list(c, list, n) : e;
}

static enum err extension_reply(struct ctx *c, int64_t account_id, const char *exten)
{
	struct extension found;
	enum err e = extension_get(c->service, space_domain(c), account_id, exten, &found);

	return e == ERR_OK ? reply_object(c, &found) : e;
}

static enum err extension_show(struct ctx *c, const void *input)
{
	const struct by_exten *in = input;

	return extension_reply(c, in->id, in->exten);
}

static enum err extension_add(struct ctx *c, const void *input)
{
	const struct extension_input *in = input;
	enum err e = extension_create(c->service, space_domain(c), in, &c->errors);

	return e == ERR_OK ? extension_reply(c, in->account_id, in->exten) : e;
}

static enum err extension_change(struct ctx *c, const void *input)
{
	const struct extension_input *in = input;
	enum err e = extension_update(c->service, space_domain(c), in, &c->errors);

	return e == ERR_OK ? extension_reply(c, in->account_id, in->exten) : e;
}

static enum err extension_remove(struct ctx *c, const void *input)
{
	const struct by_exten *in = input;
	enum err e = extension_delete(c->service, space_domain(c), in->id, in->exten);

	return e == ERR_OK ? reply_nothing(c) : e;
}

/* clang-format off */
#define ROW(verb, where, takes, answer, shows, function, text, ...)                                 \
	{                                                                                           \
		.method = METHOD_##verb, .path = where, .auth = AUTH_ADMIN, .in = takes,            \
		.result = answer, .out = shows, .reader = READER_ADMIN,                             \
		.errors = { ERR_NOT_FOUND }, .handle = function, .tag = "CTI administration",       \
		.summary = text, __VA_ARGS__                                                        \
	}
#define WRITES .flags = ENDPOINT_WRITES

const struct endpoint extensions_endpoints[] = {
	ROW(GET, "/api/accounts/{id}/extensions", &by_id_shape, RESULT_LIST, &extension_shape,
		extensions_list, "List the extensions of a user", ),
	ROW(POST, "/api/accounts/{id}/extensions", &extension_new_shape, RESULT_OBJECT,
		&extension_shape, extension_add, "Give a user an extension", WRITES),
	ROW(GET, "/api/accounts/{id}/extensions/{exten}", &by_exten_shape, RESULT_OBJECT,
		&extension_shape, extension_show, "Read one extension", ),
	ROW(PUT, "/api/accounts/{id}/extensions/{exten}", &extension_change_shape, RESULT_OBJECT,
		&extension_shape, extension_change,
		"Replace an extension; without a secret it keeps the one it has", WRITES),
	ROW(DELETE, "/api/accounts/{id}/extensions/{exten}", &by_exten_shape, RESULT_NOTHING, NULL,
		extension_remove, "Take an extension from a user", WRITES),
	ENDPOINTS_END,
};
/* clang-format on */
