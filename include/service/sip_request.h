/*
 * SIP requests that the proxy is ordered to send (sip-integration 3.4).  They go to the proxy's own socket first,
 * where its script treats them like any other, but for the proof of who sends them: so what stands in them is made
 * from names that were proved or checked, never from text of others.
 *
 * For rules inside the waiting room (service/waiting.h).
 */
#ifndef DIALTONE_SERVICE_SIP_REQUEST_H
#define DIALTONE_SERVICE_SIP_REQUEST_H

#include "service/service.h"

struct buf;

struct sip_request {
	const char *method;
	const char *uri;
	const char *from, *to; /* values of the headers: "<sip:alice@sip.example.org>" */
	const char *headers;   /* more of them, each line with its CR LF; "": none */
	const char *body;      /* "": none */
};

/* 503, with Retry-After: 1. Rows of endpoints that order something name it. */
extern const struct refusal sip_server_away;
MUST_CHECK enum err sip_server_is_away(struct service *s);

/* "sip:user@domain", the user escaped where it has to be. */
const char *sip_uri_of(struct arena *arena, const char *user, const char *domain);
/* False for what would end a header or an address in it: white space, control characters, < and >, quotes. */
bool sip_part_is_safe(const char *s);

/* Sends it and waits for the final answer: *ret_status.  sip_server_away: the proxy does not say in time, or does not
 * take it; ERR_LIMIT: it is too large. */
MUST_CHECK enum err sip_request_send(
	struct service *s, const struct sip_request *r, int64_t until_ms, int64_t *ret_status);
/* Sends it; what becomes of it is not known. */
MUST_CHECK enum err sip_request_begin(
	struct service *s, const struct sip_request *r, int64_t until_ms);

/* An order of another kind; params: a JSON array in a buffer that is finished here.  What s->sip_rpc says, but
 * sip_server_away for ERR_UNAVAILABLE. */
MUST_CHECK enum err sip_order(struct service *s, const char *method, struct buf *params,
	int64_t until_ms, struct str *ret_result);

#endif
