/*
 * One request on its way through dispatch: what a handler gets to see, and the answer it builds.
 *
 * Everything a handler makes lives in `arena`.  It frees nothing, writes nothing to the client and
 * logs no request: it fills `reply` through the functions below and returns, or returns an error,
 * from which dispatch makes the body.
 */
#ifndef DIALTONE_HTTP_CTX_H
#define DIALTONE_HTTP_CTX_H

#include "base/buf.h"
#include "base/field_errors.h"
#include "http/endpoint.h"
#include "http/request.h"

#define REPLY_HEADERS_MAX 16

struct reply_header {
	const char *name, *value;
};

struct reply {
	int status;
	const char *content_type; /* NULL: no body */
	struct buf *body;         /* of the process: emptied before each request, wiped after it */
	struct reply_header headers[REPLY_HEADERS_MAX];
	size_t headers_n;
};

struct service;
struct caller;

struct ctx {
	struct arena *arena;
	struct request *request;
	const struct endpoint *endpoint; /* NULL: no such path */
	struct field_errors errors;
	const char *detail; /* behind the text of an error, where it helps the caller */
	const char *data;   /* JSON: the member of that name in a CTI error, NULL is null */
	enum family family; /* of errors where no row was found */
	bool bare;          /* errors have no body: what clients of the HMAC login expect */
	bool answered;      /* nothing is left to do but send the reply */
	struct reply reply;
	struct service *service; /* what rules are handed; nothing here looks inside */
	struct caller *caller;   /* who calls, set by the gate */
	struct str document;     /* the OpenAPI document of all rows */
	void *app;               /* of the process: what dispatch was given */
};

/* Adds a header line; name and value are borrowed until the answer is written. */
void reply_header(struct ctx *c, const char *name, const char *value);

/* The answers of a handler; each returns ERR_OK so that it can be the last line. */
enum err reply_nothing(struct ctx *c);
enum err reply_object(struct ctx *c, const void *object);
/* items is an array of the row's shape. */
enum err reply_list(struct ctx *c, const void *items, size_t count);
enum err reply_count(struct ctx *c, int64_t n);
enum err reply_text(struct ctx *c, const char *text);
/* A finished JSON document. */
enum err reply_json(struct ctx *c, struct str json);

struct reply_page {
	const void *items; /* array of the row's shape */
	size_t count;
	int64_t total, page, per_page;
	const char *base_url; /* "https://host" */
};
/* The envelope of accounts-api 1.5. */
enum err reply_page(struct ctx *c, const struct reply_page *p);

#endif
