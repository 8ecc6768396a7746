/* Ping, and the API's own description. */
#include "base/json_schema.h"
#include "base/json_writer.h"
#include "http/ctx.h"

static enum err ping(struct ctx *c)
{
	*(const char **)c->out = "pong";
	return ERR_OK;
}

static enum err openapi(struct ctx *c)
{
	reply_raw(c, "application/json", c->document);
	return ERR_OK;
}

static enum err asyncapi(struct ctx *c)
{
	reply_raw(c, "application/json", c->events);
	return ERR_OK;
}

#define SYSTEM .auth = AUTH_PUBLIC, .flags = ROW_ANY_HOST, .tag = "System"

const struct endpoint system_endpoints[] = {
	{ GET("/api/ping"), SYSTEM, .result = RESULT_TEXT, HANDLE(ping), .summary = "Answer pong" },
	{ GET("/api/openapi.json"), SYSTEM, .result = RESULT_JSON, .schema = SCHEMA_FREE,
		HANDLE(openapi), .summary = "Describe this API (OpenAPI 3.1)" },
	{ GET("/api/asyncapi.json"), SYSTEM, .result = RESULT_JSON, .schema = SCHEMA_FREE,
		HANDLE(asyncapi), .summary = "Describe the events of Socket.IO (AsyncAPI 3.0)" },
	ENDPOINTS_END,
};
