/* Ping, health, and the API's own description. */
#include "base/json_schema.h"
#include "base/json_writer.h"
#include "http/ctx.h"
#include "service/service.h"

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

struct health {
	const char *status, *redis;
};

static const struct field health_fields[] = {
	FIELD_TEXT(health, status, .example = "ok",
		.doc = "ok, or what is missing: postgresql, or schema"),
	FIELD_TEXT(health, redis, .flags = FIELD_OMIT_NULL, .example = "away",
		.doc = "away, while it is: all works without it, some of it slower"),
	FIELDS_END,
};

static const struct shape health_shape = { "Health", health_fields, sizeof(struct health) };

static enum err health_live(struct ctx *c)
{
	struct health *out = c->out;

	out->status = "ok";
	return ERR_OK;
}

static enum err health_ready(struct ctx *c)
{
	const struct readiness *r = &c->service->readiness;
	const char *missing = r->missing(r->ctx);
	struct health *out = c->out;

	out->status = missing ? missing : "ok";
	out->redis = r->has_redis(r->ctx) ? NULL : "away";
	c->reply.status = missing ? 503 : 200;
	return ERR_OK;
}

#define SYSTEM .auth = AUTH_PUBLIC, .flags = ROW_ANY_HOST, .tag = "System"

/* A load balancer asks for all clients. */
#define HEALTH                                                                       \
	.auth = AUTH_PUBLIC, .flags = ROW_ANY_HOST | ROW_UNCOUNTED, .tag = "System", \
	.out = &health_shape

const struct endpoint system_endpoints[] = {
	{ GET("/api/ping"), SYSTEM, .result = RESULT_TEXT, HANDLE(ping), .summary = "Answer pong" },
	{ GET("/api/openapi.json"), SYSTEM, .result = RESULT_JSON, .schema = SCHEMA_FREE,
		HANDLE(openapi), .summary = "Describe this API (OpenAPI 3.1)" },
	{ GET("/api/asyncapi.json"), SYSTEM, .result = RESULT_JSON, .schema = SCHEMA_FREE,
		HANDLE(asyncapi), .summary = "Describe the events of Socket.IO (AsyncAPI 3.0)" },
	{ GET("/health/live"), HEALTH, HANDLE(health_live),
		.summary = "Tell that the API answers" },
	{ GET("/health/ready"), HEALTH, .or_status = 503, HANDLE(health_ready),
		.summary = "Tell whether the API has what it needs" },
	{ GET("/up"), HEALTH, .or_status = 503, HANDLE_AS(health_ready, "up"),
		.summary = "The same, by another name" },
	ENDPOINTS_END,
};
