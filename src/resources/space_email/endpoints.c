/* The mail server of a space (accounts-api II.2). */
#include "http/ctx.h"
#include "resources/space_email/server.h"
#include "resources/spaces/record.h"
#include "service/service.h"

#include "base/syntax.h"

#define TEXT_MAX      128
#define SIGNATURE_MAX 256
#define PORT_MAX      65535

/* clang-format off */
static const struct field input_fields[] = {
	FIELD_TEXT(email_server, host, .flags = FIELD_REQUIRED | FIELD_DOMAIN,
		.max = SPACE_DOMAIN_MAX, .check = host_check, .doc = "Name or address",
		.example = "smtp.example.org"),
	FIELD_INT(email_server, port, .flags = FIELD_REQUIRED, .min = 1, .max = PORT_MAX,
		.doc = "TCP port", .example = "587"),
	FIELD_TEXT(email_server, username, .max = TEXT_MAX, .doc = "Name it is logged in with"),
	FIELD_TEXT(email_server, password, .flags = FIELD_SECRET | FIELD_RAW, .max = TEXT_MAX,
		.doc = "Never shown; none if absent"),
	FIELD_TEXT(email_server, from_address, .max = TEXT_MAX, .check = email_check,
		.doc = "Address that mails come from", .example = "phones@example.org"),
	FIELD_TEXT(email_server, from_name, .max = TEXT_MAX, .doc = "Name that mails come from"),
	FIELD_TEXT(email_server, signature, .flags = FIELD_LINES, .max = SIGNATURE_MAX,
		.doc = "Ends each mail"),
	FIELDS_END,
};
/* clang-format on */
static const struct shape input_shape = { "EmailServerNew", input_fields,
	sizeof(struct email_server) };

static int64_t space_of(const struct ctx *c)
{
	return ((const struct space_record *)c->subject)->id;
}

static enum err space_email_show(struct ctx *c)
{
	if (!c->read[0])
		return ERR_NOT_FOUND;
	*(struct email_server *)c->out = *(const struct email_server *)c->read[0];
	return ERR_OK;
}

static enum err space_email_put(struct ctx *c)
{
	struct email_server *out = c->out;
	enum err e = email_server_put(c->service, space_of(c), c->in, out);

	if (e == ERR_OK)
		c->reply.status = out->is_new ? 201 : 200;
	return e;
}

static enum err space_email_remove(struct ctx *c)
{
	*(int64_t *)c->out = 1;
	return email_server_delete(c->service, space_of(c));
}

#define SERVER  .auth = AUTH_SUPER, .tag = "Spaces", .subject = &space_subject
#define ANSWERS .out = &email_server_shape

const struct endpoint space_email_endpoints[] = {
	{ GET("/api/spaces/{domain}/email"), SERVER, ANSWERS, .exchanges = 4,
		.reads = { &email_server_of_space }, HANDLE(space_email_show),
		.summary = "Read the mail server of a space" },
	{ POST("/api/spaces/{domain}/email"), SERVER, ANSWERS, .writes = true, .status = 201,
		.or_status = 200, .in = &input_shape, HANDLE(space_email_put),
		.summary = "Make the mail server of a space, or replace it with its password",
		.example = "{\"host\":\"smtp.example.org\",\"port\":587,"
			   "\"username\":\"phones\",\"password\":\"a good secret\","
			   "\"from_address\":\"phones@example.org\"}" },
	{ DELETE("/api/spaces/{domain}/email"), SERVER, .writes = true, .result = RESULT_COUNT,
		HANDLE(space_email_remove), .summary = "Delete the mail server of a space" },
	ENDPOINTS_END,
};
