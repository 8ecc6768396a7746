/* Ping, and the API's own description. */
#include "http/ctx.h"
#include "service/caller.h"
#include "service/service.h"

static enum err ping(struct ctx *c, const void *in)
{
	(void)in;
	return reply_text(c, "pong");
}

static enum err openapi(struct ctx *c, const void *in)
{
	(void)in;
	return reply_json(c, c->document);
}

const struct endpoint system_endpoints[] = {
	{
		.method = METHOD_GET,
		.path = "/api/ping",
		.auth = AUTH_PUBLIC,
		.flags = ENDPOINT_ANY_HOST,
		.result = RESULT_TEXT,
		.handle = ping,
		.tag = "System",
		.summary = "Answer pong",
	},
	{
		.method = METHOD_GET,
		.path = "/api/openapi.json",
		.auth = AUTH_PUBLIC,
		.flags = ENDPOINT_ANY_HOST,
		.result = RESULT_JSON,
		.handle = openapi,
		.tag = "System",
		.summary = "Describe this API (OpenAPI 3.1)",
	},
	ENDPOINTS_END,
};
