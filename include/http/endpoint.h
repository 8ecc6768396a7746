/*
 * An endpoint is a row (style.md section 4).  From the rows come routing, the auth gate, validation,
 * the answer's shape, OpenAPI, the reference page and a test that visits every one.
 *
 * What a row does not say: transactions, error bodies, logging and limits are dispatch's business.
 */
#ifndef DIALTONE_HTTP_ENDPOINT_H
#define DIALTONE_HTTP_ENDPOINT_H

#include "base/err.h"
#include "base/field.h"
#include "http/request.h"

struct ctx;

/* Unset is zero and refuses to start. */
enum auth_level {
	AUTH_UNSET,
	AUTH_PUBLIC,   /* anybody */
	AUTH_USER,     /* an account */
	AUTH_ADMIN,    /* an administrator, on the host of his space */
	AUTH_SUPER,    /* an administrator of a super space */
	AUTH_INTERNAL, /* our own programs, over the FastCGI socket */
	AUTH_COUNT
};

/* Which product's error bodies and parsing rules hold (accounts-api 1.4, cti-api 1.0). */
enum family { FAMILY_ACCOUNTS, FAMILY_CTI };

enum result {
	RESULT_NOTHING, /* empty body */
	RESULT_OBJECT,
	RESULT_PAGE,  /* the envelope of accounts-api 1.5 */
	RESULT_TEXT,  /* text/plain */
	RESULT_COUNT, /* a bare JSON number */
	RESULT_LIST,  /* a bare array of the row's shape */
	RESULT_ARRAY, /* a JSON array made by the handler */
	RESULT_JSON   /* a JSON object made by the handler */
};

enum endpoint_flag {
	ENDPOINT_WRITES = 1 << 0,       /* check and handle run in one transaction */
	ENDPOINT_WITH_ACCOUNT = 1 << 1, /* the caller's account is read with the identity */
	ENDPOINT_BEFORE_OTP = 1 << 2,   /* open to a token whose OTP is not verified yet */
	ENDPOINT_ANY_HOST = 1 << 3,     /* no space is needed */
	ENDPOINT_FORM = 1 << 4,         /* form bodies are understood as well */
	ENDPOINT_SIDE_EFFECT = 1 << 5,  /* a GET that changes something: not for cookies alone */
	ENDPOINT_ENROLMENT = 1 << 7,    /* open to whoever has to set up a second factor first */
	ENDPOINT_OWN_SESSION = 1 << 8,  /* not for the persistent tokens of programs */
	ENDPOINT_BODY_ONLY = 1 << 9,    /* nothing is taken from the query string: secrets */
	ENDPOINT_HIDDEN = 1 << 10       /* not described: for clients that know it already */
};

#define ENDPOINT_ERRORS_MAX 8

/* ERR_OK with a reply, or an error; `in` is the checked struct of the row, in the arena. */
typedef enum err (*endpoint_fn)(struct ctx *c, const void *in);
/* Rules beyond single fields: adds to c->errors.  Runs also when fields were bad, which are NULL or
 * unset then, so that everything is answered at once. */
typedef enum err (*endpoint_check_fn)(struct ctx *c, const void *in);

struct endpoint {
	enum method method;
	const char *path; /* "/api/accounts/{id}"; a last "{rest*}" is anything deeper */
	enum auth_level auth;
	enum family family;
	const char *needs;      /* capability of the caller, checked by the gate; NULL: none */
	unsigned flags;         /* enum endpoint_flag */
	const struct shape *in; /* NULL: takes nothing */
	int status;             /* of success; 0: 200 */
	enum result result;
	const struct shape *out; /* of RESULT_OBJECT, _PAGE and _LIST; documents RESULT_JSON */
	enum field_reader reader;
	size_t body_max;                      /* 0: 64 KiB */
	enum err errors[ENDPOINT_ERRORS_MAX]; /* besides those of its auth level and input */
	enum err invalid_as;                  /* what bad input is called here, else 0 */
	enum err unavailable_as;              /* what a missing database is called here, else 0 */
	endpoint_check_fn check;
	endpoint_fn handle;
	const char *tag, *summary;
};

#define ENDPOINTS_END        \
	{                    \
		.path = NULL \
	}

/* "public", "user", ... */
const char *auth_level_name(enum auth_level a);

#endif
