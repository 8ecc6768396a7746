/*
 * One request on its way through dispatch: what a handler gets to see, and the answer it builds.
 *
 * Everything a handler makes lives in `arena`.  It frees nothing, writes nothing to the client and
 * logs no request: it fills `out` and returns, or returns an error; dispatch makes the body.
 */
#ifndef DIALTONE_HTTP_CTX_H
#define DIALTONE_HTTP_CTX_H

#include "base/buf.h"
#include "base/field_errors.h"
#include "base/nfc.h"
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
	/* Names and passwords of the input that were sent in another form. */
	struct nfc_changes changes;
	const char *detail; /* behind the text of an error, where it helps the caller */
	const char *data;   /* JSON: the member of that name in a CTI error, NULL is null */
	enum family family; /* of errors where no row was found */
	bool bare;          /* errors have no body: what clients of the HMAC login expect */
	bool answered;      /* nothing is left to do but send the reply */
	/* What the handler found when it was called: each try begins with it. */
	struct field_errors bound_errors;
	size_t bound_headers;
	enum err rehearsed; /* of a HEAD that would change something: how the GET ends */
	struct reply reply;
	struct service *service; /* what rules are handed; nothing here looks inside */
	struct caller *caller;   /* who calls, set by the gate */
	struct str document;     /* the OpenAPI document of all rows */
	struct str events;       /* the AsyncAPI document of what sockets tell */
	const char *base_url;    /* "https://host": of links in a page, set by the gate */
	const char *site_url;    /* "https://host": of links that are kept, of a ROW_TELLS_URL */
	const char *public_host; /* of addresses that clients keep: of a ROW_TELLS_HOST, likewise */
	/* The subject of the row: what it is looked up by (zeroed: the path names nothing that can
	 * exist), and what was found. */
	struct subject_key *key;
	const void *subject;
	/* Of the row's `reads`, in that order: the row, NULL when there is none, or a struct rows. */
	void *read[ENDPOINT_READS_MAX];
	const void *in; /* the checked struct of the row's input, NULL when it takes none */
	void *out;      /* what the handler fills, by the row's result (http/endpoint.h) */
	void *app;      /* of the process: what dispatch was given */
};

/* Adds a header line; name and value are borrowed until the answer is written. */
void reply_header(struct ctx *c, const char *name, const char *value);

/* A handler: tells the list that the row reads. */
MUST_CHECK enum err reply_read(struct ctx *c);

/* Another answer than the row's shape: type and bytes (RESULT_RAW). */
void reply_raw(struct ctx *c, const char *content_type, struct str bytes);

#endif
