/*
 * Calls to HTTP servers of others: bounded in time and size, to nowhere that outgoing/guard.h refuses.
 *
 *   struct http_client *http = http_client_new(&common->outgoing);
 *   const struct http_call call = { .url = url, .headers = headers, .body = body, .timeout_ms = 3000 };
 *   struct http_answer answer;
 *
 *   if (http_client_send(http, &call, arena, &answer) != ERR_OK)
 *           log_warn("... %s", http_client_why(http));
 *
 * One call at a time; connections are kept for the next ones. HTTP/2 where the server has it. Redirects are
 * answers like others, and so is every status. Nothing is kept between calls: no cookies, no passwords.
 */
#ifndef DIALTONE_OUTGOING_HTTP_CLIENT_H
#define DIALTONE_OUTGOING_HTTP_CLIENT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "conf/outgoing_settings.h"

#define HTTP_CALL_TIMEOUT_MS 10000 /* where a call does not say */
#define HTTP_CONNECT_MS      3000  /* of which, at most, until there is a connection */
#define HTTP_ANSWER_MAX      65536 /* bytes, where a call does not say */

struct http_call {
	const char *url; /* https://, or http:// to a named place; without user and password */
	const char *const *headers; /* "name: value", NULL-terminated; NULL: none */
	struct str body;            /* it is a POST with that; p NULL: a GET */
	int64_t timeout_ms;         /* for all of it */
	size_t answer_max;          /* bytes of its body */
};

struct http_answer {
	int status;
	struct str body;       /* in the arena, with a NUL behind */
	int64_t retry_after_s; /* 0: it does not say */
};

struct http_client;
/* settings is kept.  NULL: there is no memory. Not for use across fork(). */
struct http_client *http_client_new(const struct outgoing_settings *settings);
void http_client_free(struct http_client **c);

/* ERR_INVALID: the URL or a header is none; ERR_FORBIDDEN: it leads where nothing may go; ERR_LIMIT: the answer
 * is too large; ERR_PROTOCOL: it is no HTTP, or breaks off; ERR_UNAVAILABLE: no server, no trust in its
 * certificate, or no time left. */
MUST_CHECK enum err http_client_send(struct http_client *c, const struct http_call *call,
	struct arena *arena, struct http_answer *ret);
/* What was wrong with the last call, in words for the log: hosts and addresses, no more of the URL. */
const char *http_client_why(const struct http_client *c);

struct transfers;
/* answer: with ERR_OK; why: in the words of http_client_why(), with an error. Borrowed. */
typedef void http_done_fn(void *arg, enum err e, const struct http_answer *answer, const char *why);
/* The same call beside others (outgoing/transfers.h). done is called once, at once or from transfers_run(), unless
 * that ends before. The body, settings and arena are kept until then, and the transfer has ended before the arena
 * does. */
void http_start(struct transfers *transfers, const struct outgoing_settings *settings,
	const struct http_call *call, struct arena *arena, http_done_fn *done, void *arg);

#endif
