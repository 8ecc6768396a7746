/*
 * An endpoint is a row.  From the rows come routing, the auth gate, validation,
 * the answer's shape, OpenAPI, the reference page and a test that visits every one.
 *
 * What a row does not say: transactions, error bodies, logging and limits are dispatch's business.
 */
#ifndef DIALTONE_HTTP_ENDPOINT_H
#define DIALTONE_HTTP_ENDPOINT_H

#include "base/err.h"
#include "base/field.h"
#include "base/rows.h"
#include "base/subject.h"
#include "http/request.h"

struct ctx;

/* Unset is zero and refuses to start. */
enum auth_level {
	AUTH_UNSET,
	AUTH_PUBLIC,   /* any caller */
	AUTH_USER,     /* an account */
	AUTH_ADMIN,    /* an administrator, on the host of their space */
	AUTH_SUPER,    /* an administrator of a super space */
	AUTH_INTERNAL, /* our own programs, over the FastCGI socket */
	AUTH_COUNT
};

/* Which product's error bodies and parsing rules hold (accounts-api 1.4, cti-api 1.0). */
enum family { FAMILY_ACCOUNTS, FAMILY_CTI };

/* What a handler fills (ctx.out), and what becomes of it once it has returned. */
enum result {
	RESULT_UNSET,   /* OBJECT where there is a shape, else NOTHING */
	RESULT_NOTHING, /* out NULL; an empty body */
	RESULT_OBJECT,  /* the shape's struct, zeroed */
	RESULT_LIST,    /* struct rows of the shape: a bare array */
	RESULT_PAGE,    /* struct page of the shape: the envelope of accounts-api 1.5 */
	RESULT_MAP,     /* struct rows of the shape: an object of them, each by its first field */
	RESULT_DICT,    /* const char *: an object of texts, as JSON */
	RESULT_COUNT,   /* int64_t: a bare JSON number */
	RESULT_COUNT_IF_ANY, /* the same; 0 is an empty body */
	RESULT_TEXT,         /* const char *, UTF-8: text/plain, or the row's media type */
	RESULT_HTML,         /* const char *: a page people look at; its errors are pages, too */
	RESULT_JSON,         /* struct json_writer: an object the handler writes */
	RESULT_ARRAY,        /* struct json_writer: an array the handler writes */
	RESULT_BYTES,        /* struct str: of the row's media type */
	RESULT_RAW /* out is the shape's struct; the handler may make another answer (reply_raw) */
};

/* Which callers besides whole logins may call a row: closed by default. */
enum open_to {
	OPEN_PENDING = 1 << 0,   /* a token whose second factor has not been shown yet */
	OPEN_ENROLMENT = 1 << 1, /* a token of a user who has to set up a second factor first */
	OPEN_PROGRAM = 1 << 2,   /* the persistent token of a program */
	OPEN_HMAC = 1 << 3,      /* a token of the HMAC login */
	OPEN_PHONE = 1 << 4      /* DIGEST of an account with a second factor: what phones need */
};

enum row_flag {
	ROW_WITH_ACCOUNT = 1 << 0, /* the caller's account is read with the identity */
	ROW_ANY_HOST = 1 << 1,     /* no space is needed */
	ROW_FORM = 1 << 2,         /* form bodies are understood as well */
	/* A GET that changes something: not for cookies alone, and HEAD changes nothing. */
	ROW_SIDE_EFFECT = 1 << 3,
	ROW_BODY_ONLY = 1 << 4, /* nothing is taken from the query string: secrets */
	ROW_HIDDEN = 1 << 5,    /* not described: for clients that know it already */
	/* Handled although fields were bad, which are NULL or unset then, so that rules beyond fields
	 * have their say in the same answer. */
	ROW_ON_BAD_FIELDS = 1 << 6,
	ROW_BODY_FIRST = 1 << 7, /* bad fields are told before a missing subject is */
	ROW_MAKES_KEY = 1 << 8,  /* no API key opens it to an account with a second factor */
	ROW_TELLS_HOST = 1 << 9, /* its answer has the server's name: ctx.public_host */
	ROW_NO_COOKIE = 1 << 10, /* a key in a cookie is as none: credentials in headers only */
	/* A thing of all spaces: for super administrators, once there are two. */
	ROW_SHARED = 1 << 11,
	/* A subject that is missing (NULL then) is none removed, and no failure. */
	ROW_COUNTS = 1 << 12,
	ROW_TELLS_URL = 1 << 13, /* its answer has a link to the server: ctx.site_url */
	ROW_TOKENS = 1 << 14,    /* makes or validates a token without credentials: limited */
	ROW_DANGEROUS = 1 << 15, /* there only with the setting dangerous_endpoints */
	/* A client certificate that nginx has verified opens it, before any other credential. */
	ROW_CERTIFICATE = 1 << 16,
	/* A GET that writes in steps of its own, for HEAD as well: nginx sends it once. */
	ROW_ONCE = 1 << 17,
	/* All that its handler asks of the database is one exchange, and it refuses nothing that this has
	 * changed: the commit travels with it. */
	ROW_AT_ONCE = 1 << 18,
	ROW_UNCOUNTED = 1 << 19 /* no limit of requests holds */
};

#define ENDPOINT_ERRORS_MAX   4
#define ENDPOINT_READS_MAX    3
#define ENDPOINT_REFUSALS_MAX 6

struct endpoint {
	enum method method;
	const char *path; /* "/api/accounts/{id}"; a last "{rest*}" is anything deeper */
	enum auth_level auth;
	enum family family;
	const char *needs; /* capability of the caller, checked by the gate; NULL: none */
	const struct subject *subject; /* what the path is about; NULL: nothing */
	/* What the handler tells besides, read in the same exchange: ctx.read. */
	const struct subject *reads[ENDPOINT_READS_MAX];
	/* A GET waits for the database once, or so many times where it is more. */
	unsigned exchanges;
	unsigned open_to; /* enum open_to; 0: whole logins only */
	unsigned flags;   /* enum row_flag */
	bool writes;      /* handled in a transaction */
	/* Why what it changes leaves no row in the audit trail (service/audit.h); NULL: it leaves one. */
	const char *untold;
	const struct shape *in; /* NULL: takes nothing */
	const struct shape *out;
	const char *schema; /* of what the handler writes itself (base/json_schema.h) */
	/* Of RESULT_BYTES: "application/xml"; of RESULT_TEXT, without its charset; NULL: text/plain. */
	const char *media;
	const char *const *images; /* media types it may answer with instead; NULL: none */
	enum result result;
	int status;    /* of success; 0: 200 */
	int or_status; /* another one of success, which the handler puts into its answer; 0: none */
	enum field_reader reader;
	size_t body_max; /* 0: 64 KiB */
	/* What it refuses with besides what follows from its auth level, subject and input. */
	const struct refusal *refusals[ENDPOINT_REFUSALS_MAX];
	enum err errors[ENDPOINT_ERRORS_MAX];
	const struct refusal *invalid_as;     /* what bad input is called here, else NULL */
	const struct refusal *missing_as;     /* a missing subject, else NULL */
	const struct refusal *unavailable_as; /* a missing database, else NULL */
	/* What has to hold of the subject, asked before the body is looked at; NULL: nothing. */
	enum err (*condition)(struct ctx *c);
	/* Fills c->out and returns ERR_OK, or an error. Run again when the database asks for it. */
	enum err (*handle)(struct ctx *c);
	/* The same without PostgreSQL, while that is away: it is not behind the gate, and sees to who is
	 * calling itself.  NULL: then there is no answer. */
	enum err (*instead)(struct ctx *c);
	const char *name; /* of the function: the operationId */
	const char *tag, *summary;
	const char *text;    /* more of it, for the reference; may be NULL */
	const char *example; /* of the body, JSON; may be NULL */
};

/* { GET("/api/ping"), .auth = AUTH_PUBLIC, HANDLE(ping), ... } */
#define GET(where)    .method = METHOD_GET, .path = where
#define POST(where)   .method = METHOD_POST, .path = where
#define PUT(where)    .method = METHOD_PUT, .path = where
#define PATCH(where)  .method = METHOD_PATCH, .path = where
#define DELETE(where) .method = METHOD_DELETE, .path = where
#define HANDLE(fn)    .handle = fn, .name = #fn
/* A function that serves several rows. */
#define HANDLE_AS(fn, id) .handle = fn, .name = id

#define ENDPOINTS_END        \
	{                    \
		.path = NULL \
	}

/* RESULT_UNSET resolved. */
enum result endpoint_result(const struct endpoint *e);

/* Whether nginx may send a request to it on a kept connection, and once more when that breaks: a GET that
 * changes nothing, with no secret in its path, which nginx logs then. */
bool endpoint_is_repeatable(const struct endpoint *e);

/* Whether it changes something: any method but GET, and the GETs that act. */
bool endpoint_changes(const struct endpoint *e);
/* ... and what is told in the audit trail. */
bool endpoint_leaves_trail(const struct endpoint *e);

/* "public", "user", ... */
const char *auth_level_name(enum auth_level a);

#endif
