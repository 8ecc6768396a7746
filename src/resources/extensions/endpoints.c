/* The devices of a user, set by administrators.  In the style of the accounts API. */
#include "http/ctx.h"
#include "resources/accounts/account.h"
#include "resources/extensions/extension.h"
#include "service/refusal.h"

#define SECRET_MAX      256
#define DESCRIPTION_MAX 255
#define PORT_MAX        65535

/* clang-format off */
#define EXTENSION_INPUT                                                                             \
	FIELD_TEXT(extension_input, type, .flags = FIELD_REQUIRED, .one_of = extension_types,       \
		.doc = "What kind of device it is"),                                                \
	FIELD_TEXT_AS(extension_input, username, "sip_username", .max = EXTENSION_MAX,                 \
		.check = extension_check, .doc = "Name at the SIP server; the number if absent"),   \
	FIELD_TEXT(extension_input, secret, .flags = FIELD_SECRET | FIELD_RAW, .min = 8,            \
		.max = SECRET_MAX, .doc = "Shown to the owner alone; made here if absent"),         \
	FIELD_TEXT(extension_input, description, .max = DESCRIPTION_MAX, .doc = "Shown to people"), \
	FIELD_INT(extension_input, proxy_port, .max = PORT_MAX, .doc = "SIP port, 0 if there is none")
/* clang-format on */

static const struct field extension_new_fields[] = {
	FIELD_TEXT(extension_input, exten, .flags = FIELD_REQUIRED, .max = EXTENSION_MAX,
		.check = extension_check, .doc = "Number, unique in the domain",
		.example = "91201"),
	EXTENSION_INPUT,
	FIELDS_END,
};
static const struct field extension_change_fields[] = { EXTENSION_INPUT, FIELDS_END };
static const struct shape extension_new_shape = { "ExtensionNew", extension_new_fields,
	sizeof(struct extension_input) };
static const struct shape extension_change_shape = { "ExtensionChange", extension_change_fields,
	sizeof(struct extension_input) };

static enum err extension_show(struct ctx *c)
{
	*(struct extension *)c->out = *(const struct extension *)c->subject;
	return ERR_OK;
}

static enum err extension_add(struct ctx *c)
{
	return extension_create(c->service, c->subject, c->in, c->out);
}

static enum err extension_change(struct ctx *c)
{
	return extension_update(c->service, c->subject, c->in, c->out);
}

static enum err extension_remove(struct ctx *c)
{
	return extension_delete(c->service, c->subject);
}

#define EXTENSIONS .auth = AUTH_ADMIN, .tag = "CTI administration", .reader = READER_ADMIN
#define OF_ACCOUNT .subject = &account_subject
#define ONE        .subject = &extension_subject
#define EXTENSION  .out = &extension_shape

const struct endpoint extensions_endpoints[] = {
	{ GET("/api/accounts/{id}/extensions"), EXTENSIONS, OF_ACCOUNT, EXTENSION,
		.result = RESULT_LIST, .reads = { &extensions_of_account },
		HANDLE_AS(reply_read, "extensions_list"),
		.summary = "List the extensions of a user" },
	{ POST("/api/accounts/{id}/extensions"), EXTENSIONS, OF_ACCOUNT, EXTENSION, .writes = true,
		.in = &extension_new_shape, .refusals = { &limit_reached }, HANDLE(extension_add),
		.summary = "Give a user an extension",
		.example = "{\"exten\":\"91201\",\"type\":\"webrtc\"}" },
	{ GET("/api/accounts/{id}/extensions/{exten}"), EXTENSIONS, ONE, EXTENSION,
		HANDLE(extension_show), .summary = "Read one extension" },
	{ PUT("/api/accounts/{id}/extensions/{exten}"), EXTENSIONS, ONE, EXTENSION, .writes = true,
		.in = &extension_change_shape, HANDLE(extension_change),
		.summary = "Replace an extension; without a secret it keeps the one it has",
		.example = "{\"type\":\"webrtc\",\"description\":\"Desk\"}" },
	{ DELETE("/api/accounts/{id}/extensions/{exten}"), EXTENSIONS, ONE, .writes = true,
		HANDLE(extension_remove), .summary = "Take an extension from a user" },
	ENDPOINTS_END,
};
