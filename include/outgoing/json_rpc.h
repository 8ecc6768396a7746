/*
 * JSON-RPC 2.0 over HTTP: orders to a program of the operator's own, Kamailio say (sip-integration 3.2, 3.4).
 *
 * The address is a setting, and so its host may be private.
 */
#ifndef DIALTONE_OUTGOING_JSON_RPC_H
#define DIALTONE_OUTGOING_JSON_RPC_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct json_rpc_client;

/* url: as http_client.h wants one; kept. NULL: there is none (""), or no memory. */
struct json_rpc_client *json_rpc_new(const char *url);
void json_rpc_free(struct json_rpc_client **c);

/* params: a JSON array.  *ret_result, in the arena, is JSON; it may be NULL.
 *   ERR_NOT_FOUND    the server says 404: it knows no such thing
 *   ERR_CONFLICT     it refused for another reason; logged here
 *   ERR_UNAVAILABLE  there is no server (client NULL), no answer in time, or none that makes sense; logged here */
MUST_CHECK enum err json_rpc_call(struct json_rpc_client *client, const char *method,
	struct str params, int64_t until_ms, struct arena *arena, struct str *ret_result);

struct transfers;
/* result: JSON, in the call's arena; e as above. */
typedef void json_rpc_done_fn(void *arg, enum err e, struct str result);

struct json_rpc_call {
	const char *method;
	struct str params; /* a JSON array */
	int64_t timeout_ms;
	size_t answer_max; /* bytes */
	struct arena *arena;
	json_rpc_done_fn *done;
	void *arg;
};
/* The same beside the caller's own loop (outgoing/transfers.h): done is called once, at once or from
 * transfers_run(), unless the transfers end before.  The arena is kept until then, and the client, too. */
void json_rpc_start(struct json_rpc_client *client, struct transfers *transfers,
	const struct json_rpc_call *call);

#endif
